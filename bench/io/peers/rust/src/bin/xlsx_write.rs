//! The peer rust_xlsxwriter: csv to xlsx, row by row, three columns of numbers, the rest text.
//! usage: xlsx_write IN.csv OUT.xlsx constant|low   (low: strings shared, rows of constant memory)
use io_peers::Stage;
use rust_xlsxwriter::{Workbook, XlsxError};

fn main() -> Result<(), XlsxError> {
    let words: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&words[1]).expect("cannot read");
    let mut input = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
    let stage = Stage::begin();
    let mut book = Workbook::new();
    let sheet = match words[3].as_str() {
        "constant" => book.add_worksheet_with_constant_memory()?,
        "low" => book.add_worksheet_with_low_memory()?,
        other => panic!("no such mode: {other}"),
    };
    let mut record = csv::StringRecord::new();
    let mut row = 0u32;
    while input.read_record(&mut record).expect("bad csv") {
        for (col, text) in record.iter().enumerate() {
            let number = if row > 0 && matches!(col, 0 | 19 | 20) { text.parse::<f64>().ok() } else { None };
            match number {
                Some(n) => sheet.write_number(row, col as u16, n)?,
                None if text.is_empty() => continue,
                None => sheet.write_string(row, col as u16, text)?,
            };
        }
        row += 1;
    }
    book.save(&words[2])?;
    stage.end("write");
    Ok(())
}
