#pragma once

#include "kubeconfig/posix/file_status.hpp"

#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace doks::kube {

/// Who may use a file that takes another one's place.
enum class file_rights
{
    private_only, ///< its owner
    as_before ///< owner, group, mode and access list of the other one; a group that cannot be given loses its rights
};

/// A file that is written and synced under a temporary name; removed unless it was published.
class staged_file
{
public:
    /// Writes and syncs a file that is to be called `name` in the open directory.
    static boost::system::result<staged_file> write(
        int directory, const std::string& name, std::string_view bytes, file_rights rights);

    staged_file(staged_file&& other) noexcept = default;
    staged_file& operator=(staged_file&&) = delete;
    ~staged_file();

    const std::string& name() const noexcept { return name_; }
    /// Gives it its name, in place of a file that has it. False with errno.
    bool publish() noexcept;

private:
    staged_file(int directory, std::string name, std::string temporary, descriptor file) noexcept;

    int directory_;
    std::string name_;
    std::string temporary_;
    descriptor file_; ///< closed once published
};

/// A staged file whose writer is gone; `of` is the name under which it was to be published, or empty for any of a directory.
bool is_leftover(int directory, const std::string& name, std::string_view of);

}
