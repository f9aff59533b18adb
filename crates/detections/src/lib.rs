//! detections
