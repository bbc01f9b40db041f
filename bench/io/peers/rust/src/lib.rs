//! Timing of one step inside a peer, printed as bench/io/run reads it: stage=NAME cpu=S wall=S rise=MIB.
use std::fs;
use std::time::Instant;

/// User and system seconds of the process so far (proc(5): fields 14 and 15 of stat, in ticks of 10 ms).
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit(')').next().unwrap_or("");
    let ticks: f64 = rest.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn status(key: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(key)).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

pub struct Stage(f64, Instant, f64);

impl Stage {
    pub fn begin() -> Stage {
        let _ = fs::write("/proc/self/clear_refs", "5");
        Stage(cpu(), Instant::now(), status("VmRSS:"))
    }
    pub fn end(self, name: &str) {
        let (cpu, wall) = (cpu() - self.0, self.1.elapsed().as_secs_f64());
        println!("stage={name} cpu={cpu:.4} wall={wall:.4} rise={:.1}", status("VmHWM:") - self.2);
    }
}
