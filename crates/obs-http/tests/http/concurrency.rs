//! Scraping while others record loses nothing, and every scrape holds together.

use crate::client::request;
use obs_http::{Server, metrics_router};
use obs_metrics::Metrics;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const WRITERS: usize = 3;
const SCRAPERS: usize = 3;
const SCRAPES: usize = 30;

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
    let scraping = AtomicUsize::new(SCRAPERS);
    // Each thread writes until the last scrape is over, and says how often it did.
    let write = || {
        let mut updates = 0;
        while scraping.load(Ordering::Acquire) > 0 {
            counter.inc();
            histogram.observe(2.0);
            updates += 1;
        }
        updates
    };
    let scrape = |scraper: usize| {
        let accept = ["accept: application/openmetrics-text", "accept: text/plain"][scraper % 2];
        let mut last = 0;
        for _ in 0..SCRAPES {
            let answer = request(address, "GET", "/metrics", &[accept]);
            let text = answer.text();
            let total = sample(text, "work_total");
            assert!(total >= last, "{total} after {last}");
            last = total;
            let count = sample(text, "work_size_count");
            assert_eq!(count, sample(text, "work_size_bucket{le=\"+Inf\"}"));
            assert_eq!(count, sample(text, "work_size_bucket{le=\"2.5\"}"));
        }
    };
    let written: u64 = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        for scraper in 0..SCRAPERS {
            let (scrape, scraping) = (&scrape, &scraping);
            scope.spawn(move || {
                // Writers end even when a scrape fails.
                let _end = OnDrop(scraping);
                scrape(scraper);
            });
        }
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    assert!(written > 0);
    let answer = request(address, "GET", "/metrics", &[]);
    assert_eq!(sample(answer.text(), "work_total"), written);
    assert_eq!(sample(answer.text(), "work_size_count"), written);
    assert_eq!(sample(answer.text(), "work_size_sum"), 2 * written);
}

/// Counts down when it drops.
struct OnDrop<'a>(&'a AtomicUsize);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}
