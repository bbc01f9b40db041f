//! Parsing alone: every field of a csv file is found and unquoted, nothing is kept.
//! usage: csv_parse FILE csv|simd
use io_peers::Stage;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let file = std::fs::File::open(&words[1]).expect("cannot open");
    let stage = Stage::begin();
    let (mut rows, mut cells) = (0usize, 0usize);
    if words[2] == "csv" {
        let mut input = csv::ReaderBuilder::new().has_headers(false).buffer_capacity(1 << 16).from_reader(file);
        let mut record = csv::ByteRecord::new();
        while input.read_byte_record(&mut record).expect("bad csv") {
            rows += 1;
            cells += record.iter().filter(|c| !c.is_empty()).count();
        }
    } else {
        let mut input = simd_csv::ReaderBuilder::new().has_headers(false).buffer_capacity(1 << 16).from_reader(file);
        let mut record = simd_csv::ByteRecord::new();
        while input.read_byte_record(&mut record).expect("bad csv") {
            rows += 1;
            cells += record.iter().filter(|c| !c.is_empty()).count();
        }
    }
    stage.end("read");
    println!("rows={rows}\ncells={cells}");
}
