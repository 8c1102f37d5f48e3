#pragma once

#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/private_directory.hpp"

#include <doks/secret.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

/** A file that kubectl uses, wherever symbolic links lead.

    `named` as the user has it, `real` what is read and replaced; a link that leads nowhere leads to a file that
    can be made.
*/
class config_file
{
public:
    /// Errors: links that lead in a circle, or that the kernel does not follow: another user's in a directory like /tmp.
    static file_result<config_file> at(const std::filesystem::path& named);

    const std::filesystem::path& named() const noexcept { return named_; }
    const std::filesystem::path& real() const noexcept { return real_; }
    bool exists() const noexcept;
    /// Tells one state of it from another; alike for two that do not exist.
    file_stamp stamp() const noexcept;

    /// Nothing if there is none. Errors: no regular file, or too large.
    file_result<std::optional<secret_bytes>> read() const;
    /** Opens its directory for writing, makes it where it is missing, and sees whether the file may be replaced.

        Errors: no regular file; the file or the directory belongs to another user (root may use any); a file that is a
        mount of its own and read-only.
    */
    file_result<private_directory> open_directory() const;

    /** Writes into the file itself, for one that is a mount of its own. A crash meanwhile leaves a part.

        Errors: a full disk, before anything was changed.
    */
    std::optional<file_error> overwrite(std::string_view bytes) const;
    /// What others can do with the file, for a person; nothing if they can do nothing.
    std::vector<std::string> exposure() const;

    /// A path of the same name in the same directory, alike for every way that leads there.
    static std::filesystem::path place_of(const std::filesystem::path& file);

    std::string name() const { return real_.filename().string(); }

private:
    std::filesystem::path named_;
    std::filesystem::path real_;
};

}
