/**
 * The part of libsrtp 3's interface that mediasoup-worker uses, over libsrtp 2.
 *
 * What differs: libsrtp 3 has an opaque policy that owns its key, separate buffers for input and output, and a few more
 * error codes. For C++ only: the functions of libsrtp 2 are overloaded under their own names.
 */
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <openssl/crypto.h>

// Its struct has the name that mediasoup uses for a handle.
#define srtp_policy_t libsrtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

// Error codes of libsrtp 3.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

namespace libsrtp3
{
	struct Policy
	{
		libsrtp2_policy_t policy{};
		std::array<uint8_t, SRTP_MAX_KEY_LEN> key{};

		~Policy()
		{
			OPENSSL_cleanse(this->key.data(), this->key.size());
		}
	};

	using InPlaceFunction = srtp_err_status_t (*)(srtp_t, void*, int*);

	/**
	 * Runs a function of libsrtp 2, which changes its buffer and adds at most `growth` bytes, from one buffer to another.
	 */
	inline srtp_err_status_t Transform(
	  InPlaceFunction function,
	  srtp_t session,
	  const uint8_t* in,
	  size_t inLen,
	  uint8_t* out,
	  size_t* outLen,
	  size_t growth)
	{
		if (*outLen < inLen + growth)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::memmove(out, in, inLen);
		}

		int length        = static_cast<int>(inLen);
		const auto status = function(session, out, &length);

		if (status == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(length);
		}

		return status;
	}
} // namespace libsrtp3

using srtp_policy_t = libsrtp3::Policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) libsrtp3::Policy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto status =
	  srtp_crypto_policy_set_from_profile_for_rtp(std::addressof(policy->policy.rtp), profile);

	if (status != srtp_err_status_ok)
	{
		return status;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(std::addressof(policy->policy.rtcp), profile);
}

/**
 * Without a master key identifier: the worker uses none.
 */
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	if (mkiLen > 0 || keyLen + saltLen > policy->key.size())
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key.data(), key, keyLen);
	std::memcpy(policy->key.data() + keyLen, salt, saltLen);
	policy->policy.key = policy->key.data();

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->policy.window_size = size;

	return srtp_err_status_ok;
}

/**
 * libsrtp 2 copies the key: the policy may go afterwards.
 */
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	const libsrtp2_policy_t* const libsrtp2Policy = std::addressof(policy->policy);

	return srtp_create(session, libsrtp2Policy);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return libsrtp3::Transform(srtp_protect, session, rtp, rtpLen, srtp, srtpLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return libsrtp3::Transform(srtp_unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

/**
 * Besides its tag SRTCP has four bytes of index.
 */
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return libsrtp3::Transform(
	  srtp_protect_rtcp, session, rtcp, rtcpLen, srtcp, srtcpLen, SRTP_MAX_TRAILER_LEN + 4);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return libsrtp3::Transform(srtp_unprotect_rtcp, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}
