#pragma once

#include "net/call.hpp"
#include "net/completion.hpp"

#include <doks/cluster.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace doks::api {

/** Every page of the cluster list, one after the other.

    The pages must add up to the total that the API states; a page that fails fails the whole.
*/
class listing : public std::enable_shared_from_this<listing>
{
public:
    using handler = net::completion<void(result<std::vector<cluster>>)>::handler;
    /// The request for a page, the deadline of the whole listing included.
    using page_plan = std::function<net::call_plan(std::size_t page)>;

    static void start(
        std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan, handler who);

    listing(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan, handler who);

private:
    class page_call;

    void fetch(std::size_t page);
    void add(const net::call_plan& asked, net::reply got);
    void finish(result<std::vector<cluster>> outcome);
    void cancel();

    std::shared_ptr<net::transport> transport_;
    std::shared_ptr<net::account> account_;
    page_plan plan_;
    net::completion<void(result<std::vector<cluster>>)> done_;
    std::weak_ptr<page_call> current_;
    std::vector<cluster> found_;
    std::size_t page_ = 0;
};

}
