#pragma once

#include "api/kubeconfig_flight.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace doks::api {

using put_fault = std::optional<failure>;

/** A keeper's view of its directory: everything waits for the disk on the directory's thread and is heard on the strand.

    Shape: while something is under way the client's executor has work. The directory's thread holds nothing of the
    client's: what it brings finds its asker by a number, or nobody.
*/
class credential_store : public std::enable_shared_from_this<credential_store>
{
public:
    using found = std::function<void(std::optional<credential>)>;
    using stored = std::function<void(put_fault)>;

    /// What is put bears the label, as a bulk's items do.
    credential_store(kubeconfig_directory directory, std::shared_ptr<net::transport> strand_of, std::string label);

    ~credential_store();

    /// What the directory holds for it, if that still serves; nothing where the directory does not answer in time.
    void look(const credential_key& key, found then);
    void put(const credential_key& key, const kubeconfig& config, stored then);
    /// If it is still what the file holds; whatever the file holds where no credential is given.
    void erase(const std::string& id, std::optional<kubeconfig> only);

    bool is_idle() const noexcept { return under_way_ == 0; }
    /// It did not answer in time lately.
    bool is_slow() const;
    /// The context is being destroyed.
    void abandon() noexcept;
    /// Told on the strand whenever it has become idle.
    std::function<void()> when_idle;

private:
    struct look_bound;
    /// Brings the outcome of a job from the directory's thread to the strand.
    struct messenger;

    messenger begin();
    void end();
    void ended_look(std::uint64_t number, std::optional<credential> held);

    kubeconfig_directory directory_;
    std::shared_ptr<net::transport> transport_;
    const std::string label_;
    std::map<std::uint64_t, std::unique_ptr<look_bound>> looks_;
    std::map<std::uint64_t, stored> puts_;
    std::uint64_t last_number_ = 0;
    core::instant slow_until_{};
    std::size_t under_way_ = 0;
    std::optional<boost::asio::any_io_executor> busy_;
};

}
