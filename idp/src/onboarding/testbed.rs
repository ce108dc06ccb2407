//! A small provider for this wing's tests, on every database of the test run.
#![cfg(test)]
