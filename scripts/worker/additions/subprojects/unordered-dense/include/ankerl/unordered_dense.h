/**
 * The part of ankerl::unordered_dense that mediasoup-worker uses, as the standard library's containers.
 *
 * They promise more (references and iterators stay valid when something else is added or erased) and cost an allocation an
 * element, which the worker pays when something is created, not for a packet.
 */
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename Key>
	struct hash
	{
		uint64_t operator()(const Key& key) const
		{
			return std::hash<Key>{}(key);
		}
	};

	template<typename Key, typename Value, typename Hash = hash<Key>>
	using map = std::unordered_map<Key, Value, Hash>;

	template<typename Key, typename Hash = hash<Key>>
	using set = std::unordered_set<Key, Hash>;
} // namespace ankerl::unordered_dense
