#include "quota/canvas.hpp"

#include <algorithm>
#include <cmath>

// The SVG elements behind the shapes.

namespace quota {

canvas::canvas(std::ostream& to, double width, double height)
    : to_(to)
{
    to_ << R"(<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" viewBox="0 0 )" << width << ' ' << height
        << "\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

void canvas::line(point from, point to, const std::string& color, double width)
{
    to_ << "<line x1=\"" << from.x << "\" y1=\"" << from.y << "\" x2=\"" << to.x << "\" y2=\"" << to.y << "\" stroke=\""
        << color << "\" stroke-width=\"" << width << "\"/>\n";
}

void canvas::ring(point at, double radius, const std::string& color)
{
    to_ << "<circle cx=\"" << at.x << "\" cy=\"" << at.y << "\" r=\"" << radius << "\" fill=\"none\" stroke=\"" << color
        << "\" stroke-width=\"1.5\"/>\n";
}

void canvas::dot(point at, double radius, const std::string& color)
{
    to_ << "<circle cx=\"" << at.x << "\" cy=\"" << at.y << "\" r=\"" << radius << "\" fill=\"" << color << "\"/>\n";
}

void canvas::text(point at, const std::string& words, side anchor, int size)
{
    const char* const anchors[] = {"start", "middle", "end"};
    to_ << "<text x=\"" << at.x << "\" y=\"" << at.y << "\" font-size=\"" << size << "\" text-anchor=\""
        << anchors[static_cast<int>(anchor)] << "\">" << words << "</text>\n";
}

log_axis::log_axis(double low, double high, double from, double to)
    : low_(std::log(low))
    , high_(std::log(high))
    , from_(from)
    , to_(to)
{}

double log_axis::operator()(double value) const
{
    const double place = value <= 0 ? low_ : std::clamp(std::log(value), low_, high_);
    return from_ + (to_ - from_) * (place - low_) / (high_ - low_);
}

}
