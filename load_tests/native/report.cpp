#include "report.hpp"

#include <algorithm>
#include <cstdio>

namespace light {
namespace {

constexpr std::size_t kUsual = kPacketKinds;  // all kinds but keyframes
constexpr std::size_t kDelayKinds = kPacketKinds + 1;
constexpr std::array<const char*, kDelayKinds> kKindNames{"voice", "delta", "keyframe", "usual"};

using Samples = std::array<std::vector<std::uint32_t>, kDelayKinds>;

// {"count": n, "p50": x, "p99": y, "max": z} of microseconds; sorts its argument.
void print_quantiles(const char* name, std::vector<std::uint32_t>& samples) {
  std::sort(samples.begin(), samples.end());
  const auto at = [&samples](double ratio) {
    return samples.empty()
               ? 0U
               : samples[static_cast<std::size_t>(ratio * static_cast<double>(samples.size() - 1))];
  };
  std::printf("\"%s\": {\"count\": %zu, \"p50\": %u, \"p99\": %u, \"max\": %u}", name, samples.size(),
              at(0.5), at(0.99), at(1.0));
}

// From where a packet is measured: the null path's arrival, or its scheduled time where there is none.
std::uint64_t origin_ns(const Entry& entry) {
  return entry.null_ns != 0 ? entry.null_ns : entry.scheduled_ns.load(std::memory_order_acquire);
}

std::uint32_t delay_us(std::uint64_t at_ns, std::uint64_t origin) {
  return static_cast<std::uint32_t>((at_ns - std::min(at_ns, origin)) / 1000);
}

void add_delay(Samples& samples, PacketKind kind, std::uint32_t us) {
  samples[static_cast<std::size_t>(kind)].push_back(us);
  if (kind != PacketKind::kKeyframe) {
    samples[kUsual].push_back(us);
  }
}

void print_delays(const Window& window, const Ledger& ledger, const Subscribers& subscribers) {
  Samples first;
  Samples last;
  std::vector<std::uint32_t> null_path;
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    const std::vector<Entry>& entries = ledger.entries[stream];
    const std::size_t end = std::min<std::size_t>(window.end[stream], entries.size());
    for (std::size_t i = window.first[stream]; i < end; ++i) {
      const Entry& entry = entries[i];
      const PacketKind kind = entry.kind.load(std::memory_order_relaxed);
      if (entry.null_ns != 0) {
        null_path.push_back(delay_us(entry.null_ns, entry.scheduled_ns.load(std::memory_order_acquire)));
      }
      if (entry.first_ns != 0) {
        add_delay(first, kind, delay_us(entry.first_ns, origin_ns(entry)));
        add_delay(last, kind, delay_us(entry.last_ns, origin_ns(entry)));
      }
    }
  }
  Samples all;
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    for (const Sample& sample : subscribers.samples()[stream]) {
      const Entry& entry = ledger.entries[stream][sample.number];
      add_delay(all, entry.kind.load(std::memory_order_relaxed), delay_us(sample.at_ns, origin_ns(entry)));
    }
  }
  print_quantiles("null_path_us", null_path);
  std::printf(", \"delay_us\": {");
  for (std::size_t kind = 0; kind < kDelayKinds; ++kind) {
    std::printf("%s\"%s\": {", kind == 0 ? "" : ", ", kKindNames[kind]);
    print_quantiles("all", all[kind]);
    std::printf(", ");
    print_quantiles("first", first[kind]);
    std::printf(", ");
    print_quantiles("last", last[kind]);
    std::printf("}");
  }
  std::printf("}");
}

// How much longer a gap between two packets of any one subscriber was than that between their origins.
std::uint64_t longest_stall_us(const std::vector<Entry>& entries, const std::vector<Sample>& samples,
                               std::size_t subscribers) {
  struct Last {
    std::uint64_t at_ns = 0;
    std::uint64_t origin = 0;
  };
  std::vector<Last> last(subscribers);
  std::uint64_t longest_ns = 0;
  for (const Sample& sample : samples) {
    const std::uint64_t origin = origin_ns(entries[sample.number]);
    Last& before = last[sample.subscriber];
    if (before.at_ns != 0) {
      const std::uint64_t gap_ns = sample.at_ns - std::min(sample.at_ns, before.at_ns);
      const std::uint64_t foreseen_ns = origin - std::min(origin, before.origin);
      longest_ns = std::max(longest_ns, gap_ns - std::min(gap_ns, foreseen_ns));
    }
    before = {.at_ns = sample.at_ns, .origin = origin};
  }
  return longest_ns / 1000;
}

void print_stalls(const Ledger& ledger, const Subscribers& subscribers) {
  std::array<unsigned long long, kStreamKinds> stalls{};
  for (std::size_t stream = 0; stream < kStreamKinds; ++stream) {
    stalls[stream] = longest_stall_us(ledger.entries[stream], subscribers.samples()[stream],
                                      subscribers.deliveries().size());
  }
  std::printf("\"longest_stall_us\": [%llu, %llu], ", stalls[0], stalls[1]);
}

void print_delivery(const Delivery& delivery) {
  const auto print = [](const char* separator, std::uint64_t value) {
    std::printf("%s%llu", separator, static_cast<unsigned long long>(value));
  };
  print("[", delivery.distinct[0]);
  print(", ", delivery.distinct[1]);
  print(", ", delivery.recovered);
  print(", ", delivery.taken_for_lost);
  print(", ", delivery.duplicates);
  print(", ", delivery.not_authentic);
  print(", ", delivery.renumbered);
  print(", ", delivery.socket_overflows);
  print(", ", delivery.reports);
  print(", ", delivery.longest_gap_us[0]);
  print(", ", delivery.longest_gap_us[1]);
  std::printf("]");
}

}  // namespace

void print_result(const Window& window, Sent& sent, const Ledger& ledger, const Subscribers& subscribers) {
  std::printf("{\"published\": [%u, %u], ", window.end[0] - window.first[0], window.end[1] - window.first[1]);
  std::printf("\"keyframe_requests\": %llu, \"send_failures\": %llu, \"sender_cpu_ns\": %llu, ",
              static_cast<unsigned long long>(sent.keyframe_requests),
              static_cast<unsigned long long>(sent.send_failures),
              static_cast<unsigned long long>(sent.cpu_ns));
  print_quantiles("publisher_lateness_us", sent.lateness_us);
  std::printf(", ");
  print_delays(window, ledger, subscribers);
  std::printf(", ");
  print_stalls(ledger, subscribers);
  std::printf("\"subscribers\": [");
  const char* separator = "";
  for (const Delivery& delivery : subscribers.deliveries()) {
    std::printf("%s", separator);
    print_delivery(delivery);
    separator = ", ";
  }
  std::puts("]}");
}

}  // namespace light
