//! Documents and messages of ingestion.

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
            database.put_queued_message(id, "{}", at(second)).await.expect("put");
        }
        assert_eq!(database.queued_message_count().await.expect("asked"), 2);
        database.retry_queued_message("b").await.expect("counted");
        let messages = database.queued_messages(10).await.expect("asked");
        let found: Vec<_> = messages.iter().map(|message| (message.id.as_str(), message.attempts)).collect();
        assert_eq!(found, [("a", 0), ("b", 1)]);
        assert_eq!(messages[0].inserted, at(1));
        database.delete_queued_message("a").await.expect("deleted");
        assert_eq!(database.queued_messages(10).await.expect("asked").len(), 1);
    });
}
