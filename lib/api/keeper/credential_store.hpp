#pragma once

#include "api/keeper/credential_fetch.hpp"

#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/directory_check.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace doks::api {

using put_fault = std::optional<failure>;

/** A keeper's view of its directory: everything waits for the disk on the directory's thread and is heard on the strand.

    Shape: while something is under way the client's executor has work. The directory's thread holds nothing of the
    client's: what it brings finds its asker by a number, or nobody.
*/
class credential_store : public std::enable_shared_from_this<credential_store>
{
public:
    /// What a look found.
    struct looked_up
    {
        std::optional<credential> held; ///< where there is one that still serves
        put_fault fault;                ///< why a credential that is minted now could not be stored
        bool opened_again = false;      ///< the directory: what was put is not there any more
    };
    /// A file that is not as it was put.
    struct lost_file
    {
        kube::expected_file expected;
        std::optional<credential> held; ///< what stands there instead, if that serves
        bool is_as_good = false;        ///< another process put it there, and it serves as long
    };
    struct check_outcome
    {
        put_fault fault;           ///< why nothing can be stored
        bool fault_passed = false; ///< there was one, or it did not answer in time, since the last check that said so
        bool is_complete = true;   ///< false: the check itself failed, so of a file not in `lost` nothing is known
        std::vector<lost_file> lost;
    };
    using found = std::function<void(looked_up)>;
    using stored = std::function<void(put_fault)>;
    using checked = std::function<void(check_outcome)>;

    /// What is put bears the label, as a bulk's items do.
    credential_store(
        kubeconfig_directory directory, std::shared_ptr<net::shared_transport> strand_of, std::string label);

    ~credential_store();

    /** What the directory holds for it, and whether it takes files; not to response in time is a fault.

        Shape: a directory that was removed or replaced is opened again.
    */
    void look(const credential_key& key, found then);
    /// Which of these files are not there any more, and whether the directory takes files; opened again as by `look`.
    void check(std::vector<kube::expected_file> expected, std::chrono::seconds expiry, checked then);
    /// A write that is still pending after a while is a fault; it goes on, and a check finds out how it ended.
    void put(const credential_key& key, const kubeconfig& config, stored then);
    /// If it is still what the file holds: another process may have put another one there.
    void erase(const std::string& id, kubeconfig only);

    bool is_idle() const noexcept { return under_way_ == 0; }
    /// It did not answer in time lately.
    bool is_slow() const;
    /// Why nothing can be stored: a look or a check found so, or it did not answer in time lately.
    put_fault hindrance() const;
    /// The context is being destroyed.
    void abandon() noexcept;
    /// Told on the strand whenever it has become idle.
    std::function<void()> when_idle;

private:
    struct bound;
    /// Brings the outcome of a job from the directory's thread to the strand.
    struct messenger;

    messenger begin();
    void end();
    void set_bound(std::uint64_t number, core::duration patience, std::function<void()> late);
    failure failure_of(const kube::file_error& error) const
    {
        return kube::directory_access::store(directory_)->failure_of(error);
    }
    failure too_slow() const;
    void answered();
    void ended_put(std::uint64_t number, const put_fault& outcome);
    void ended_look(std::uint64_t number, looked_up outcome);
    bool must_prove() const;
    void wrote();
    void note(const kube::directory_state& directory, bool written);
    void ended_check(std::uint64_t number, check_outcome outcome);
    check_outcome outcome_of(kube::check_outcome seen, std::chrono::seconds expiry, bool written);
    lost_file examined(kube::lost_file file, std::chrono::seconds expiry) const;

    kubeconfig_directory directory_;
    std::shared_ptr<net::shared_transport> transport_;
    const std::string label_;
    std::map<std::uint64_t, std::unique_ptr<bound>> bounds_; ///< of looks and puts
    std::map<std::uint64_t, found> looks_;
    std::map<std::uint64_t, stored> puts_;
    std::map<std::uint64_t, checked> checks_;
    const std::shared_ptr<kube::directory_check> check_;
    put_fault fault_;
    bool doubtful_ = true; ///< the last attempt to write failed, or there was none
    core::instant proven_until_{};
    std::uint64_t last_number_ = 0;
    core::instant slow_until_{};
    bool hindered_ = false; ///< since the last check that said that nothing hinders any more
    std::size_t under_way_ = 0;
    std::optional<boost::asio::any_io_executor> busy_;
};

}
