//! Statements that are prepared once per connection and kept. diesel keeps selects and inserts by itself, but prepares every update
//! anew, because a change set may leave columns out; where it never does, preparing costs more than running.

use super::AnyConnection;
use diesel::associations::HasTable;
use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, IntoUpdateTarget, QueryFragment, QueryId, UpdateTarget};

/// An update whose text is the same at every call: whose change set is made of columns that are set in any case, and whose filter has no list.
pub fn update<T, S>(target: T, change: S) -> Update<T::Table, T::WhereClause, S>
where
    T: IntoUpdateTarget,
    S: AsChangeset<Target = <T as HasTable>::Table>,
{
    let UpdateTarget { table, where_clause } = target.into_update_target();
    Update { from: table.from_clause(), filter: where_clause, change: change.as_changeset() }
}

/// See [`update`].
pub struct Update<T: QuerySource, W, S: AsChangeset> {
    from: T::FromClause,
    filter: W,
    change: S::Changeset,
}

/// Tells the name of an update from that of a select.
pub struct Updating;

/// As diesel names its selects: by the types that the text is made of. Change sets that may leave columns out have no such name.
impl<T, W, S> QueryId for Update<T, W, S>
where
    T: QuerySource + QueryId,
    W: QueryId,
    S: AsChangeset + QueryId,
{
    type QueryId = (Updating, T::QueryId, W::QueryId, S::QueryId);
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID && W::HAS_STATIC_QUERY_ID && S::HAS_STATIC_QUERY_ID;
}

impl<DB, T, W, S> QueryFragment<DB> for Update<T, W, S>
where
    DB: Backend,
    T: QuerySource,
    T::FromClause: QueryFragment<DB>,
    W: QueryFragment<DB>,
    S: AsChangeset,
    S::Changeset: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.from.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.change.walk_ast(pass.reborrow())?;
        self.filter.walk_ast(pass)
    }
}

impl<T: QuerySource, W, S: AsChangeset, C> RunQueryDsl<C> for Update<T, W, S> {}

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
