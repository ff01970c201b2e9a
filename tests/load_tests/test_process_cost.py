"""What /proc says about this very process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from load_tests.process_cost import (
    CpuMeter,
    UdpCounters,
    backlog_drops,
    busiest_threads,
    kernel_drops,
    parse_backlog_drops,
    parse_udp_counters,
    process_tree,
    pss_bytes,
    thread_times,
    udp_counters,
)

SNMP = """Ip: Forwarding DefaultTTL
Ip: 1 64
Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors
Udp: 100 1 9 90 7 2
UdpLite: InDatagrams
UdpLite: 0"""


def test_a_meter_counts_the_work_of_this_process() -> None:
    meter = CpuMeter(os.getpid())
    meter.mark()
    until = time.thread_time() + 0.1
    while time.thread_time() < until:
        pass
    meter.mark()
    assert meter.seconds() >= 0.09


def test_a_tree_has_its_children() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert {os.getpid(), child.pid} <= set(process_tree(os.getpid()))
        child.communicate(b"\n")


def test_memory_grows_with_what_is_written() -> None:
    # A new process: this one may have room left from earlier tests, and would not grow.
    program = "input(); block = b'x' * (32 << 20); print('written', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        before = pss_bytes(child.pid)
        child.stdin.write("\n")
        assert child.stdout.readline() == "written\n"
        assert pss_bytes(child.pid) - before > 16 << 20
        child.stdin.write("\n")


def test_udp_counters_are_found_by_name() -> None:
    assert parse_udp_counters(SNMP.splitlines()) == UdpCounters(7, 2, 9)
    assert UdpCounters(7, 2, 9).since(UdpCounters(3, 2, 4)) == UdpCounters(4, 0, 5)


def test_backlog_drops_are_the_second_number_of_each_processor() -> None:
    assert parse_backlog_drops("0001 0000001f 0\n0002 00000001 0\n") == 32
    assert backlog_drops() >= 0


def test_a_full_receive_buffer_is_seen_by_the_kernel() -> None:
    before = udp_counters()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as full:
        full.bind(("127.0.0.1", 0))
        full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(50):
                sender.sendto(bytes(1000), full.getsockname())
        assert kernel_drops(full.getsockname()[1]) > 0
    assert udp_counters().since(before).receive_buffer_errors > 0


def test_a_threads_times_are_read_and_subtracted() -> None:
    before = thread_times(os.getpid())
    deadline = time.thread_time() + 0.02
    while time.thread_time() < deadline:
        pass
    first, *_ = busiest_threads(before, thread_times(os.getpid()))
    assert first.running_ns >= 20_000_000
    assert first.waiting_ns >= 0
