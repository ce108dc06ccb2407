//! Statements that are prepared once per connection and kept. diesel keeps selects and inserts by itself, but prepares every update
//! anew, because a change set may leave columns out; where it never does, preparing costs more than running.

use super::AnyConnection;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// An update or delete whose text is the same at every call: whose change set has no column that may be left out, and whose filter has
/// no list.
pub fn cached<Q>(query: Q) -> Cached<Q> {
    Cached(query)
}

/// See [`cached`].
pub struct Cached<Q>(Q);

impl<Q> QueryId for Cached<Q> {
    type QueryId = ();
    // It is kept by its text, so two that differ can never be taken for each other.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Cached<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q, C> RunQueryDsl<C> for Cached<Q> {}

/// Runs a statement without parameters, such as those around a transaction.
pub(super) fn run(connection: &mut AnyConnection, statement: &'static str) -> QueryResult<()> {
    Cached(Plain(statement)).execute(connection).map(drop)
}

struct Plain(&'static str);

impl<DB: Backend> QueryFragment<DB> for Plain {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}
