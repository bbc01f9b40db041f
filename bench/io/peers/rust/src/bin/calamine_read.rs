//! The peer calamine: open a workbook, make the range of every sheet, look at every cell.
use calamine::{open_workbook_auto, Data, Reader};
use io_peers::Stage;

fn main() {
    let path = std::env::args().nth(1).expect("usage: calamine_read FILE");
    let stage = Stage::begin();
    let mut book = open_workbook_auto(&path).expect("cannot open");
    let (mut rows, mut cells) = (0usize, 0usize);
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).expect("cannot read");
        rows += range.height();
        for row in range.rows() {
            cells += row.iter().filter(|c| !matches!(c, Data::Empty)).count();
        }
    }
    stage.end("read");
    println!("rows={rows}\ncells={cells}");
}
