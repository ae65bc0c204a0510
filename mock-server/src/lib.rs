//! A local endpoint that behaves like AWS CodeCommit's Git endpoint.
