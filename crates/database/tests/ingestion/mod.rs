//! Documents and messages of ingestion.

use database::{IngestionOutcome, IngestionStatus, OutcomeQueue};

use crate::engines::{at, on_each_engine};

#[test]
fn documents_are_kept_by_kind_and_name() {
    on_each_engine(|database| async move {
        assert!(database.set_ingestion_document("rule", "a", "{\"n\":1}", at(0)).await.expect("set"));
        assert!(!database.set_ingestion_document("rule", "a", "{\"n\":2}", at(1)).await.expect("set"));
        assert!(database.set_ingestion_document("mapping", "a", "'; DROP TABLE users; --", at(2)).await.expect("set"));
        let rules = database.ingestion_documents("rule").await.expect("asked");
        assert_eq!(
            rules.iter().map(|rule| (rule.document.as_str(), rule.changed)).collect::<Vec<_>>(),
            [("{\"n\":2}", at(1))]
        );
        let mapping = database.ingestion_document("mapping", "a").await.expect("asked").expect("there");
        assert_eq!(mapping.document, "'; DROP TABLE users; --");
        assert!(database.delete_ingestion_document("rule", "a").await.expect("asked"));
        assert!(!database.delete_ingestion_document("rule", "a").await.expect("asked"));
        assert_eq!(database.ingestion_document("rule", "a").await.expect("asked"), None);
    });
}

#[test]
fn messages_stay_until_they_are_done_and_failed_ones_come_last() {
    on_each_engine(|database| async move {
        for (id, second) in [("b", 0), ("a", 1), ("a", 5)] {
            database.put_queued_message(id, "user:x", "{}", at(second)).await.expect("put");
        }
        assert_eq!(database.queued_message_count().await.expect("asked"), 2);
        database.retry_queued_message("b").await.expect("counted");
        let messages = database.queued_messages(10).await.expect("asked");
        let found: Vec<_> = messages.iter().map(|message| (message.id.as_str(), message.attempts)).collect();
        assert_eq!(found, [("a", 0), ("b", 1)]);
        assert_eq!((messages[0].inserted, messages[0].holder.as_str()), (at(1), "user:x"));
        database.finish_queued_message("a", None, None).await.expect("finished");
        assert_eq!(database.queued_messages(10).await.expect("asked").len(), 1);
    });
}

fn outcome(id: &str, queue: OutcomeQueue, holder: &str, second: i64) -> IngestionOutcome {
    let document = format!("{{\"id\":\"{id}\"}}");
    IngestionOutcome { id: id.to_owned(), queue, holder: holder.to_owned(), document, inserted: at(second) }
}

#[test]
fn an_outcome_is_its_senders_and_is_seen_again_until_it_is_deleted() {
    on_each_engine(|database| async move {
        let failed = OutcomeQueue::Failed;
        for (id, queue, holder, second) in [
            ("1", failed, "user:x", 0),
            ("2", failed, "user:x", 1),
            ("3", failed, "user:y", 2),
            ("4", OutcomeQueue::Succeeded, "user:x", 3),
        ] {
            let outcome = outcome(id, queue, holder, second);
            database.finish_queued_message("m", Some(&outcome), None).await.expect("finished");
        }
        let peek = async |second: i64| {
            let found = database.peek_ingestion_outcomes(failed, "user:x", 10, at(second)).await.expect("peeked");
            found.into_iter().map(|outcome| (outcome.id, outcome.receives)).collect::<Vec<_>>()
        };
        assert_eq!(peek(5).await, [("1".to_owned(), 0), ("2".to_owned(), 0)]);
        let receive = async |most: u32, second: i64, receipt: &str| {
            let times = (at(second), at(second + 30));
            let found =
                database.receive_ingestion_outcomes(failed, "user:x", most, times, receipt).await.expect("received");
            found.into_iter().map(|outcome| outcome.id).collect::<Vec<_>>()
        };
        assert_eq!(receive(1, 5, "r").await, ["1"]);
        assert_eq!(receive(10, 5, "s").await, ["2"]);
        assert_eq!(receive(10, 34, "t").await, Vec::<String>::new());
        let delete = async |id: &str, holder: &str, receipt: &str| {
            database.delete_ingestion_outcome(failed, holder, id, receipt).await.expect("asked")
        };
        assert!(
            !delete("1", "user:y", "r").await && !delete("1", "user:x", "s").await && !delete("3", "user:y", "").await
        );
        assert!(delete("1", "user:x", "r").await);
        assert_eq!(receive(10, 35, "u").await, ["2"]);
        assert!(!delete("2", "user:x", "s").await);
        assert_eq!(database.ingestion_outcome_count(failed, "user:x").await.expect("asked"), 1);
        database.trim_ingestion_outcomes(at(2), 1).await.expect("trimmed");
        assert_eq!(database.ingestion_outcome_count(failed, "user:x").await.expect("asked"), 0);
        assert_eq!(database.ingestion_outcome_count(failed, "user:y").await.expect("asked"), 0);
        assert_eq!(database.ingestion_outcome_count(OutcomeQueue::Succeeded, "user:x").await.expect("asked"), 1);
    });
}

#[test]
fn a_status_is_made_once_and_changed_with_its_message() {
    on_each_engine(|database| async move {
        let status = |document: &str, second: i64| IngestionStatus {
            holder: "user:x".to_owned(),
            partition_key: "p".to_owned(),
            row_key: "r'; DROP TABLE users; --".to_owned(),
            document: document.to_owned(),
            updated: at(second),
        };
        assert!(database.insert_ingestion_status(&status("{}", 0)).await.expect("asked"));
        assert!(!database.insert_ingestion_status(&status("{\"n\":1}", 1)).await.expect("asked"));
        let kept = async || database.ingestion_status("user:x", "p", "r'; DROP TABLE users; --").await.expect("asked");
        assert_eq!(kept().await, Some(status("{}", 0)));
        database.finish_queued_message("m", None, Some(&status("{\"n\":2}", 2))).await.expect("finished");
        assert_eq!(kept().await, Some(status("{\"n\":2}", 2)));
        assert_eq!(database.ingestion_status("user:y", "p", "r'; DROP TABLE users; --").await.expect("asked"), None);
        assert_eq!(database.ingestion_status_count().await.expect("asked"), 1);
        database.trim_ingestion_statuses(at(3)).await.expect("trimmed");
        assert_eq!(kept().await, None);
    });
}
