#pragma once

#include "api/kubeconfig_flight.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace doks::api {

using put_fault = std::optional<failure>;

/** A keeper's view of its directory: everything waits for the disk on the directory's thread and is heard on the strand.

    Shape: while something is under way the client's executor has work.
*/
class credential_store : public std::enable_shared_from_this<credential_store>
{
public:
    /// What is put bears the label, as a bulk's items do.
    credential_store(kubeconfig_directory directory, std::shared_ptr<net::transport> strand_of, std::string label);

    /// What the directory holds for it, if that still serves.
    void look(const credential_key& key, std::function<void(std::optional<credential>)> then);
    void put(const credential_key& key, const kubeconfig& config, std::function<void(put_fault)> then);
    void erase(const std::string& id);

    bool is_idle() const noexcept { return under_way_ == 0; }
    /// The context is being destroyed.
    void abandon() noexcept { busy_.reset(); }
    /// Told on the strand whenever it has become idle.
    std::function<void()> when_idle;

private:
    template <class Work> void hear(Work work);
    void begin();
    void end();

    kubeconfig_directory directory_;
    std::shared_ptr<net::transport> transport_;
    const std::string label_;
    std::size_t under_way_ = 0;
    std::optional<boost::asio::any_io_executor> busy_;
};

}
