#pragma once

#include "kubeconfig/result.hpp"

#include <doks/failure.hpp>

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

namespace doks::kube {

/** Why a file, a directory or a kubeconfig cannot be used.

    It is the one kind of error inside this module, and becomes a `failure` where the public API meets it. Below the
    directory and kubectl's file `code` is the system's; they replace it by an `errc`.
*/
struct file_error
{
    boost::system::error_code code;
    std::string detail{}; ///< the path and the cause, for a person; never a value of a kubeconfig
    std::string remedy{};
};
template <class T> using file_result = boost::system::result<T, file_error>;

/// What the system answered: `<subject>: <the text of errno>`.
file_error system_error(const std::string& subject, int error, std::string remedy);
/// What doks itself refuses to use, for example because it belongs to another user.
file_error not_usable(std::string detail, std::string remedy);

/// The path names something else than a regular file of moderate size.
file_error irregular(std::string detail, std::string remedy);
bool is_irregular(const file_error& error) noexcept;

/// Another process holds the lock.
file_error locked(std::string detail, std::string remedy);
bool is_locked(const file_error& error) noexcept;

/// The caller gave up, and nothing was changed.
file_error cancelled();
bool is_cancelled(const file_error& error) noexcept;

/// `phase` is a literal, as in `failure_record`.
failure to_failure(file_error error, std::string operation, std::string_view phase, call_info info = {});

}
