//! Both ends of a ring, on one thread and on two; under `--cfg obs_loom` in every interleaving.

use super::*;

/// A record of `n` words that all say which it is.
fn record(number: u64, words: usize) -> Vec<u64> {
    vec![number; words]
}

#[cfg(not(obs_loom))]
mod plain {
    use super::*;

    #[test]
    fn records_come_out_as_they_went_in_over_many_segments() {
        let segments = Arc::new(Segments::new(16, 1 << 20));
        let (mut producer, mut consumer) = ring(&segments).unwrap();
        let (mut sent, mut got) = (Vec::new(), Vec::new());
        for number in 0..1000_u64 {
            let words = record(number, 1 + number as usize % 40);
            assert_ne!(producer.push(&words), Pushed::Lost);
            sent.extend(words);
            if number % 7 == 0 {
                while consumer.read(&segments, &mut got) {}
            }
        }
        while consumer.read(&segments, &mut got) {}
        assert_eq!(got, sent);
    }

    #[test]
    fn what_finds_no_room_is_refused_and_there_is_room_again_after_reading() {
        let segments = Arc::new(Segments::new(16, 64));
        let (mut producer, mut consumer) = ring(&segments).unwrap();
        let mut kept = 0;
        while producer.push(&record(kept, 8)) != Pushed::Lost {
            kept += 1;
        }
        assert_eq!(kept, 8, "64 words");
        let mut got = Vec::new();
        while consumer.read(&segments, &mut got) {}
        assert_eq!(got.len(), 64);
        assert_ne!(producer.push(&record(9, 8)), Pushed::Lost);
    }

    #[test]
    fn a_record_larger_than_any_segment_gets_one_of_its_own() {
        let segments = Arc::new(Segments::new(16, 1 << 12));
        let (mut producer, mut consumer) = ring(&segments).unwrap();
        assert_eq!(producer.push(&record(1, 1000)), Pushed::InNewSegment);
        assert_eq!(producer.push(&record(2, 10_000)), Pushed::Lost);
        let mut got = Vec::new();
        while consumer.read(&segments, &mut got) {}
        assert_eq!(got, record(1, 1000));
        drop(producer);
        assert!(consumer.is_over());
    }

    /// Fewer where each step is interpreted.
    const RECORDS: u64 = if cfg!(miri) { 2_000 } else { 200_000 };

    #[test]
    fn two_threads_at_full_speed_lose_nothing_and_keep_the_order() {
        let segments = Arc::new(Segments::new(64, 1 << 16));
        let (mut producer, mut consumer) = ring(&segments).unwrap();
        let writer = std::thread::spawn(move || {
            for number in 0..RECORDS {
                while producer.push(&record(number, 3)) == Pushed::Lost {
                    std::thread::yield_now();
                }
            }
        });
        let (mut got, mut next) = (Vec::new(), 0);
        loop {
            let over = consumer.is_over();
            while consumer.read(&segments, &mut got) {}
            for words in got.chunks(3) {
                assert_eq!(words, record(next, 3));
                next += 1;
            }
            got.clear();
            if over {
                break;
            }
        }
        writer.join().unwrap();
        assert_eq!(next, RECORDS);
    }
}

#[cfg(obs_loom)]
mod model {
    use super::*;

    /// Three records over segments of two words, read at any moments: all of them, whole and in order.
    #[test]
    fn nothing_is_lost_torn_or_out_of_order() {
        loom::model(|| {
            let segments = Arc::new(Segments::new(2, 64));
            let (mut producer, mut consumer) = ring(&segments).unwrap();
            let writer = loom::thread::spawn(move || {
                for number in 1..=3 {
                    assert_ne!(producer.push(&record(number, 2)), Pushed::Lost);
                }
            });
            let mut got = Vec::new();
            consumer.read(&segments, &mut got);
            assert!(got.len() % 2 == 0, "a record is whole or not there");
            writer.join().unwrap();
            while consumer.read(&segments, &mut got) {}
            assert_eq!(got, [1, 1, 2, 2, 3, 3]);
        });
    }

    /// A thread that ends: whoever saw that it did sees all it had.
    #[test]
    fn the_end_of_a_thread_hides_nothing() {
        loom::model(|| {
            let segments = Arc::new(Segments::new(2, 64));
            let (mut producer, mut consumer) = ring(&segments).unwrap();
            let writer = loom::thread::spawn(move || {
                producer.push(&record(1, 1));
                producer.push(&record(2, 2));
            });
            let mut got = Vec::new();
            let over = consumer.is_over();
            while consumer.read(&segments, &mut got) {}
            if over {
                assert_eq!(got, [1, 2, 2]);
            }
            writer.join().unwrap();
        });
    }

    /// A context is there before the record that asks for it.
    #[test]
    fn a_record_never_comes_before_its_context() {
        loom::model(|| {
            let segments = Arc::new(Segments::new(4, 64));
            let (mut producer, mut consumer) = ring(&segments).unwrap();
            let writer = loom::thread::spawn(move || {
                producer.ring.push_context(None);
                producer.push(&record(1, 1));
            });
            let mut got = Vec::new();
            consumer.read(&segments, &mut got);
            if !got.is_empty() {
                assert_eq!(lock(&consumer.ring.contexts).len(), 1);
            }
            writer.join().unwrap();
        });
    }
}
