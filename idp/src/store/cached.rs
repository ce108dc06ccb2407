//! Statements that are prepared once per connection and kept. diesel keeps selects and inserts by itself, but prepares every update
//! anew, because a change set may leave columns out; where it never does, preparing costs more than running.

use super::AnyConnection;
use diesel::associations::HasTable;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, IntoUpdateTarget, QueryFragment, QueryId, UpdateTarget};

/// An update whose text is the same at every call: whose change set has no column that may be left out, and whose filter has no list.
pub fn update<T, S>(target: T, change: S) -> Update<T::Table, T::WhereClause, S::Changeset>
where
    T: IntoUpdateTarget,
    S: AsChangeset<Target = <T as HasTable>::Table>,
{
    let UpdateTarget { table, where_clause } = target.into_update_target();
    Update { from: table.from_clause(), filter: where_clause, change: change.as_changeset() }
}

/// See [`update`].
pub struct Update<T: QuerySource, W, S> {
    from: T::FromClause,
    filter: W,
    change: S,
}

impl<T: QuerySource, W, S> QueryId for Update<T, W, S> {
    type QueryId = ();
    // It is kept by its text, so two that differ can never be taken for each other.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, T, W, S> QueryFragment<DB> for Update<T, W, S>
where
    DB: Backend,
    T: QuerySource,
    T::FromClause: QueryFragment<DB>,
    W: QueryFragment<DB>,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.from.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.change.walk_ast(pass.reborrow())?;
        self.filter.walk_ast(pass)
    }
}

impl<T: QuerySource, W, S, C> RunQueryDsl<C> for Update<T, W, S> {}

/// Runs a statement without parameters, such as those around a transaction.
pub(super) fn run(connection: &mut AnyConnection, statement: &'static str) -> QueryResult<()> {
    Plain(statement).execute(connection).map(drop)
}

struct Plain(&'static str);

impl QueryId for Plain {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Plain {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

impl<C> RunQueryDsl<C> for Plain {}
