#include "kubeconfig/file_error.hpp"

#include <boost/system/errc.hpp>
#include <boost/system/system_category.hpp>

#include <cerrno>
#include <utility>

namespace doks::kube {

namespace system = boost::system::errc;

file_error system_error(const std::string& subject, int error, std::string remedy)
{
    const boost::system::error_code code(error, boost::system::system_category());
    return {code, subject + ": " + code.message(), std::move(remedy)};
}

file_error not_usable(std::string detail, std::string remedy)
{
    return {make_error_code(system::operation_not_permitted), std::move(detail), std::move(remedy)};
}

file_error irregular(std::string detail, std::string remedy)
{
    return {make_error_code(system::not_supported), std::move(detail), std::move(remedy)};
}

/// The kernel refuses to open a symbolic link or a FIFO without a reader, where this process finds out the rest.
bool is_irregular(const file_error& error) noexcept
{
    return error.code == system::not_supported || error.code == system::too_many_symbolic_link_levels ||
           error.code == system::no_such_device_or_address;
}

file_error locked(std::string detail, std::string remedy)
{
    return {make_error_code(system::operation_would_block), std::move(detail), std::move(remedy)};
}

bool is_locked(const file_error& error) noexcept { return error.code == system::operation_would_block; }

/// As Asio says it: `operation_aborted` is the system's ECANCELED.
file_error cancelled() { return {{ECANCELED, boost::system::system_category()}}; }

bool is_cancelled(const file_error& error) noexcept { return error.code == system::operation_canceled; }

failure to_failure(file_error error, std::string operation, std::string_view phase, call_info info)
{
    failure_record record;
    record.code = error.code;
    record.operation = std::move(operation);
    record.phase = phase;
    if (is_cancelled(error)) record.why = stop_reason::cancelled;
    record.info = std::move(info);
    record.detail = std::move(error.detail);
    record.remedy = std::move(error.remedy);
    return failure(std::move(record));
}

}
