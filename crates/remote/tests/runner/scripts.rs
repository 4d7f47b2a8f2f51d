//! Scripts: known and unknown to the server.
