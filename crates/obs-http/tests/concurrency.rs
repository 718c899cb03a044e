//! Scraping while others record loses nothing, and every scrape holds together.

mod client;

use client::request;
use obs_http::{Server, metrics_router};
use obs_metrics::Metrics;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRITERS: u64 = 3;
const SCRAPERS: usize = 3;
const UPDATES: u64 = 100_000;

/// The value of the sample that begins with `series`.
fn sample(text: &str, series: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')).unwrap();
    line.split(' ').next().unwrap().parse::<f64>().unwrap() as u64
}

#[test]
fn scrapes_lose_no_update_and_agree_with_themselves() {
    let metrics = Metrics::new(obs_core::ServiceIdentity::default(), Arc::default());
    let counter = metrics.counter("work", "Work.").unwrap();
    let histogram = metrics.histogram("work_size", "Sizes.", &[0.5, 2.5]).unwrap();
    let server = Server::start(([127, 0, 0, 1], 0).into(), metrics_router(metrics.clone())).unwrap();
    let address = server.local_addr();
    let writing = AtomicUsize::new(WRITERS as usize);
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                for i in 0..UPDATES {
                    counter.inc();
                    histogram.observe((i % 4) as f64);
                }
                writing.fetch_sub(1, Ordering::Release);
            });
        }
        for scraper in 0..SCRAPERS {
            let writing = &writing;
            scope.spawn(move || {
                let accept = ["accept: application/openmetrics-text", "accept: text/plain"][scraper % 2];
                let (mut last, mut scrapes) = (0, 0);
                while writing.load(Ordering::Acquire) > 0 || scrapes == 0 {
                    let answer = request(address, "GET", "/metrics", &[accept]);
                    let text = answer.text();
                    let total = sample(text, "work_total");
                    assert!(total >= last, "{total} after {last}");
                    let count = sample(text, "work_size_count");
                    assert_eq!(count, sample(text, "work_size_bucket{le=\"+Inf\"}"));
                    assert!(count >= sample(text, "work_size_bucket{le=\"2.5\"}"));
                    (last, scrapes) = (total, scrapes + 1);
                }
            });
        }
    });
    let answer = request(address, "GET", "/metrics", &[]);
    assert_eq!(sample(answer.text(), "work_total"), WRITERS * UPDATES);
    assert_eq!(sample(answer.text(), "work_size_count"), WRITERS * UPDATES);
    assert_eq!(sample(answer.text(), "work_size_sum"), WRITERS * UPDATES / 4 * 6);
}
