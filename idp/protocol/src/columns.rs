//! How ids, times, digests and sealed bytes become database columns: only with the feature `diesel`, only here.
//!
//! The orphan rule asks for these few lines beside the types; no rule of this crate may use them
//! (`docs/decisions/002-columns-in-protocol.md`).

macro_rules! bytes_column {
    ($name:ident, |$bytes:ident| $read:expr) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Binary, DB> for $name
        where
            DB: diesel::backend::Backend,
            [u8]: diesel::serialize::ToSql<diesel::sql_types::Binary, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.as_slice().to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Binary, DB> for $name
        where
            DB: diesel::backend::Backend,
            Vec<u8>: diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let bytes = <Vec<u8> as diesel::deserialize::FromSql<diesel::sql_types::Binary, DB>>::from_sql(raw)?;
                let $bytes = bytes.as_slice();
                $read
            }
        }
    };
}

macro_rules! bigint_column {
    ($name:ident) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for $name
        where
            DB: diesel::backend::Backend,
            i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                <i64 as diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>>::from_sql(raw).map(Self)
            }
        }
    };
}

pub(crate) use {bigint_column, bytes_column};
