/**
 * libsrtp 2 with the lengths of its third alpha, which this version of mediasoup was written for: `size_t` where libsrtp 2 has `int`.
 */
#pragma once

#include <cstddef>
#include <srtp.h>

namespace libsrtp_sizes
{
	using Function = srtp_err_status_t (*)(srtp_t, void*, int*);

	inline srtp_err_status_t Call(Function function, srtp_t session, void* packet, size_t* size)
	{
		int length        = static_cast<int>(*size);
		const auto status = function(session, packet, &length);

		*size = static_cast<size_t>(length);

		return status;
	}
} // namespace libsrtp_sizes

inline srtp_err_status_t srtp_protect(srtp_t session, void* packet, size_t* size)
{
	return libsrtp_sizes::Call(srtp_protect, session, packet, size);
}

inline srtp_err_status_t srtp_unprotect(srtp_t session, void* packet, size_t* size)
{
	return libsrtp_sizes::Call(srtp_unprotect, session, packet, size);
}

inline srtp_err_status_t srtp_protect_rtcp(srtp_t session, void* packet, size_t* size)
{
	return libsrtp_sizes::Call(srtp_protect_rtcp, session, packet, size);
}

inline srtp_err_status_t srtp_unprotect_rtcp(srtp_t session, void* packet, size_t* size)
{
	return libsrtp_sizes::Call(srtp_unprotect_rtcp, session, packet, size);
}
