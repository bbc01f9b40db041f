//! The peer calamine: open a workbook, look at every cell of every sheet.
//! usage: calamine_read FILE range|stream   (range: a dense range of values a sheet; stream: cell by cell, nothing kept)
use calamine::{open_workbook, Data, DataRef, Reader, Xlsx};
use io_peers::Stage;
use std::{fs::File, io::BufReader};

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let stage = Stage::begin();
    let mut book: Xlsx<BufReader<File>> = open_workbook(&words[1]).expect("cannot open");
    let (mut rows, mut cells) = (0usize, 0usize);
    for name in book.sheet_names() {
        if words[2] == "range" {
            let range = book.worksheet_range(&name).expect("cannot read");
            rows += range.height();
            cells += range.rows().flatten().filter(|c| !matches!(c, Data::Empty)).count();
        } else {
            let mut reader = book.worksheet_cells_reader(&name).expect("cannot read");
            let mut last = 0;
            while let Some(cell) = reader.next_cell().expect("cannot read") {
                last = cell.get_position().0 as usize + 1;
                cells += usize::from(!matches!(cell.get_value(), DataRef::Empty));
            }
            rows += last;
        }
    }
    stage.end("read");
    println!("rows={rows}\ncells={cells}");
}
