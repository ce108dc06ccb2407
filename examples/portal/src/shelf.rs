//! A capped map in memory whose entries expire. A portal of several processes would keep these in its database.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

struct Entry<V> {
    expires: i64,
    value: V,
}

/// Entries that live for `life` seconds, at most `most` of them.
pub(crate) struct Shelf<K, V> {
    life: i64,
    most: usize,
    entries: Mutex<HashMap<K, Entry<V>>>,
}

impl<K: Eq + Hash + Clone, V> Shelf<K, V> {
    /// An empty shelf; `life` in seconds.
    pub(crate) fn new(life: i64, most: usize) -> Self {
        Self { life, most, entries: Mutex::new(HashMap::new()) }
    }

    /// Puts `value` in. When the shelf is full, the entry that would expire first makes room: refusing the newcomer would let
    /// a stranger lock everybody out for as long as entries live.
    pub(crate) fn put(&self, key: K, value: V, now: i64) {
        let mut entries = self.lock();
        if entries.len() >= self.most {
            entries.retain(|_, entry| entry.expires > now);
        }
        if entries.len() >= self.most {
            let first = entries.iter().min_by_key(|(_, entry)| entry.expires).map(|(key, _)| key.clone());
            first.map(|key| entries.remove(&key));
        }
        entries.insert(key, Entry { expires: now.saturating_add(self.life), value });
    }

    /// What `read` makes of the live entry under `key`.
    pub(crate) fn read<Q: Eq + Hash + ?Sized, T>(&self, key: &Q, now: i64, read: impl FnOnce(&V) -> T) -> Option<T>
    where
        K: Borrow<Q>,
    {
        self.lock().get(key).filter(|entry| entry.expires > now).map(|entry| read(&entry.value))
    }

    /// Takes the live entry under `key` out, if it passes `fits`; one that does not stays.
    pub(crate) fn take_if<Q: Eq + Hash + ?Sized>(&self, key: &Q, now: i64, fits: impl FnOnce(&V) -> bool) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut entries = self.lock();
        entries.get(key).filter(|entry| entry.expires > now && fits(&entry.value))?;
        entries.remove(key).map(|entry| entry.value)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Entry<V>>> {
        // Every change above is one call on the map, so a panic elsewhere leaves nothing half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_gone_after_its_time() {
        let shelf = Shelf::new(3600, 10);
        shelf.put("tab", 1, 1000);
        assert_eq!(shelf.read("tab", 4599, |v| *v), Some(1));
        assert_eq!(shelf.read("tab", 4600, |v| *v), None);
        assert_eq!(shelf.take_if("tab", 4600, |_| true), None);
    }

    #[test]
    fn an_entry_is_taken_once_and_only_if_it_fits() {
        let shelf = Shelf::new(3600, 10);
        shelf.put("tab", 1, 0);
        assert_eq!(shelf.take_if("tab", 1, |v| *v == 2), None);
        assert_eq!(shelf.take_if("tab", 1, |v| *v == 1), Some(1));
        assert_eq!(shelf.take_if("tab", 1, |_| true), None);
    }

    #[test]
    fn a_full_shelf_lets_the_oldest_go() {
        let shelf = Shelf::new(3600, 2);
        for (time, key) in ["first", "second", "third"].into_iter().enumerate() {
            shelf.put(key, time, i64::try_from(time).unwrap());
        }
        assert_eq!(shelf.read("first", 3, |v| *v), None);
        assert_eq!(shelf.read("second", 3, |v| *v), Some(1));
        assert_eq!(shelf.read("third", 3, |v| *v), Some(2));
    }
}
