#pragma once

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace doks::impl {

namespace asio = boost::asio;

/// The call inside a policy: makes attempts and keeps the result of the last one.
class work : public std::enable_shared_from_this<work>
{
public:
    /// Makes one attempt. Returns the error of a result that holds one, throws what the call throws. The coroutine owns this.
    virtual asio::awaitable<boost::system::error_code> attempt() = 0;
    /// The failure of a result that holds one.
    virtual std::optional<failure> failed() const { return std::nullopt; }
    /// Keeps a failure as the result; false if it has to be thrown.
    virtual bool fail(const failure& error) = 0;

protected:
    ~work() = default;
};

/// Runs the layers around the attempts until one counts, and throws the exception that the call ends with.
asio::awaitable<void> run(std::shared_ptr<const policy_layers> layers, std::shared_ptr<work> work);

template <class Awaitable> struct value_of;
template <class T> struct value_of<asio::awaitable<T>>
{
    using type = T;
};

template <class T> inline constexpr bool is_result = false;
template <class T, class E> inline constexpr bool is_result<boost::system::result<T, E>> = true;

template <class T> struct value_in
{
    using type = T;
};
template <class T, class E> struct value_in<boost::system::result<T, E>>
{
    using type = T;
};

template <class F, class T> class kept_work final : public work
{
public:
    explicit kept_work(F call)
        : call_(std::move(call))
    {}
    asio::awaitable<boost::system::error_code> attempt() override
    {
        return make(std::static_pointer_cast<kept_work>(this->shared_from_this()));
    }
    std::optional<failure> failed() const override
    {
        if constexpr (std::is_same_v<T, boost::system::result<typename value_in<T>::type, failure>>)
            if (kept_ && kept_->has_error()) return kept_->error();
        return std::nullopt;
    }
    bool fail(const failure& error) override
    {
        if constexpr (is_result<T> && std::is_constructible_v<T, failure>) {
            kept_.emplace(error);
            return true;
        }
        return false;
    }
    T take() { return std::move(*kept_); }

private:
    static asio::awaitable<boost::system::error_code> make(std::shared_ptr<kept_work> own)
    {
        auto got = co_await own->call_();
        own->kept_.emplace(std::move(got));
        boost::system::error_code cause;
        if constexpr (is_result<T>)
            if (!own->kept_->has_value()) cause = code_of(own->kept_->error());
        co_return cause;
    }
    static boost::system::error_code code_of(const boost::system::error_code& cause) { return cause; }
    static boost::system::error_code code_of(const boost::system::system_error& thrown) { return thrown.code(); }

    F call_;
    std::optional<T> kept_;
};

template <class F> class kept_work<F, void> final : public work
{
public:
    explicit kept_work(F call)
        : call_(std::move(call))
    {}
    asio::awaitable<boost::system::error_code> attempt() override
    {
        return make(std::static_pointer_cast<kept_work>(this->shared_from_this()));
    }
    bool fail(const failure&) override { return false; }
    void take() {}

private:
    static asio::awaitable<boost::system::error_code> make(std::shared_ptr<kept_work> own)
    {
        co_await own->call_();
        co_return boost::system::error_code();
    }

    F call_;
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
// GCC 12 warns that a coroutine template's frame has no linkage if the template's argument is local to the user's file.
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif

/// A coroutine, so that neither the policy nor the call need outlive the expression that they are part of.
template <class T, class F> asio::awaitable<T> apply(std::shared_ptr<const policy_layers> layers, F call)
{
    auto work = std::make_shared<kept_work<F, T>>(std::move(call));
    co_await run(std::move(layers), work);
    co_return work->take();
}

/// The policies from the I-th on, around the call.
template <std::size_t I, class Policies, class F> class rest_of_policies
{
public:
    rest_of_policies(std::shared_ptr<const Policies> all, std::shared_ptr<F> call)
        : all_(std::move(all))
        , call_(std::move(call))
    {}
    std::invoke_result_t<F&> operator()()
    {
        if constexpr (I == std::tuple_size_v<Policies>)
            return (*call_)();
        else
            return std::get<I>(*all_)(rest_of_policies<I + 1, Policies, F>(all_, call_));
    }

private:
    std::shared_ptr<const Policies> all_;
    std::shared_ptr<F> call_;
};

}

namespace doks {

template <class F> std::invoke_result_t<F&> policy::operator()(F call) const
{
    using value = typename impl::value_of<std::invoke_result_t<F&>>::type;
    return impl::apply<value>(layers_, std::move(call));
}

template <class... Policies> class policy_stack
{
public:
    explicit policy_stack(std::tuple<Policies...> all)
        : all_(std::make_shared<const std::tuple<Policies...>>(std::move(all)))
    {}

    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        return run<F>(all_, std::make_shared<F>(std::move(call)));
    }

    const std::tuple<Policies...>& policies() const noexcept { return *all_; }

private:
    using parts = std::tuple<Policies...>;
    template <class F> static std::invoke_result_t<F&> run(std::shared_ptr<const parts> all, std::shared_ptr<F> call)
    {
        impl::rest_of_policies<0, parts, F> whole(std::move(all), std::move(call));
        co_return co_await whole();
    }

    std::shared_ptr<const parts> all_;
};

namespace impl {

template <class P> std::tuple<P> parts_of(const P& policy) { return {policy}; }
template <class... P> std::tuple<P...> parts_of(const policy_stack<P...>& all) { return all.policies(); }

/// Joins two lists. Policies of doks that become neighbours are merged, so that one engine runs both.
template <class... Outer, class... Inner, std::size_t... I, std::size_t... J>
auto join(const std::tuple<Outer...>& outer, const std::tuple<Inner...>& inner, std::index_sequence<I...>,
    std::index_sequence<J...>)
{
    using last = std::tuple_element_t<sizeof...(Outer) - 1, std::tuple<Outer...>>;
    using first = std::tuple_element_t<0, std::tuple<Inner...>>;
    if constexpr (std::same_as<last, policy> && std::same_as<first, policy>)
        return policy_stack(std::make_tuple(std::get<I>(outer)...,
            std::get<sizeof...(Outer) - 1>(outer) | std::get<0>(inner), std::get<J + 1>(inner)...));
    else
        return policy_stack(std::tuple_cat(outer, inner));
}

}

/// Puts the left policy around the right one.
template <class Outer, class Inner>
requires(is_policy<Outer>&& is_policy<Inner> && !(std::same_as<Outer, policy> && std::same_as<Inner, policy>)) auto
operator|(const Outer& outer, const Inner& inner)
{
    const auto left = impl::parts_of(outer);
    const auto right = impl::parts_of(inner);
    return impl::join(left, right, std::make_index_sequence<std::tuple_size_v<decltype(left)> - 1>(),
        std::make_index_sequence<std::tuple_size_v<decltype(right)> - 1>());
}

}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
