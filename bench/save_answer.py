"""`python -m bench.save_answer`: saves per second and their latency, beside the commits PostgreSQL itself can do.

The clients' signatures are made before the clock runs: in an exam they are made on the candidates' computers. Every
receipt is verified after the clock has stopped; one that does not hold fails the benchmark.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

import uvloop

from bench.facts import machine
from bench.platform import Running, devices, platform
from exam_api.operations.postgres import EmbeddedPostgres
from loadtests.device import Device, b64u, digest

CANDIDATES = 48
SECONDS = 12
MOST = 8000  # saves per second that requests are prepared for
RATE = 300  # saves per second of the latency measurement
TEXT = "An answer of ordinary length, as it stands in the field after a few minutes of writing; save number {}."


@dataclass
class Saves:
    """One candidate's prepared requests over one kept-alive connection."""

    device: Device
    heads: list[str] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    receipts: list[dict[str, object]] = field(default_factory=list)

    def prepare(self, count: int) -> None:
        """Sign `count` requests now."""
        path = f"/api/attempts/{self.device.attempt}/responses"
        host = str(self.device.client.base_url).split("://")[1].strip("/")
        start = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        self.answers = [{"text": TEXT.format(self.device.seq + 1 + n)} for n in range(count)]
        self.heads = [
            f"{start}Authorization: DPoP {self.device.token}\r\nDPoP: {self.device.proof('POST', path, self.device.token)}\r\n"
            for _ in range(count)
        ]

    async def run(self, host: str, port: int, times: list[float], due: list[float] | None, until: float) -> None:
        """Send one after another, each at its due time (or at once), until the time is over."""
        reader, writer = await asyncio.open_connection(host, port)
        clock = time.perf_counter
        seq, previous = self.device.seq, self.device.head
        for number, (head, answer) in enumerate(zip(self.heads, self.answers, strict=True)):
            if due is not None:
                await asyncio.sleep(max(0.0, due[number] - clock()))
            if clock() > until:
                break
            seq += 1
            body = json.dumps({"seq": seq, "previous": previous, "item": "text", "answer": answer})
            began = due[number] if due is not None else clock()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            said = await reader.readuntil(b"\r\n\r\n")
            size = int(said.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            receipt = json.loads(await reader.readexactly(size))
            times.append(clock() - began)
            if not said.startswith(b"HTTP/1.1 201"):
                raise SystemExit(f"a save failed: {said.decode()} {receipt}")
            self.receipts.append(receipt)
            # A receipt is a flat object of text and numbers: sorted JSON without spaces is its JCS (RFC 8785).
            flat = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            previous = b64u(hashlib.sha256(flat.encode()).digest())
        writer.close()

    def verify(self) -> int:
        """Check every receipt as the page would."""
        for receipt, answer in zip(self.receipts, self.answers, strict=False):
            self.device.verify(receipt, "text", answer)
            self.device.seq, self.device.head = int(str(receipt["seq"])), digest(receipt)
        kept, self.receipts = len(self.receipts), []
        return kept


async def measure(crowd: list[Saves], url: str, rate: int | None) -> tuple[float, list[float]]:
    """Saves per second and latencies in ms: as fast as answers come, or at a fixed rate from outside."""
    host, port = url.split("://")[1].split(":")
    for each in crowd:
        await each.device.renew()
    per_person = (rate or MOST) * SECONDS // len(crowd) + 2
    for each in crowd:
        each.prepare(per_person)
    times: list[float] = []
    began = time.perf_counter() + 0.2
    dues: list[list[float] | None] = [None] * len(crowd)
    if rate:
        gap = len(crowd) / rate
        dues = [[began + gap * (n + place / len(crowd)) for n in range(per_person)] for place in range(len(crowd))]
    await asyncio.gather(
        *(each.run(host, int(port), times, due, began + SECONDS) for each, due in zip(crowd, dues, strict=True))
    )
    elapsed = time.perf_counter() - began
    if any(len(each.receipts) == per_person for each in crowd) and rate is None:
        raise SystemExit("a candidate ran out of prepared saves: raise MOST")
    kept = sum(each.verify() for each in crowd)
    if kept != len(times):
        raise SystemExit(f"{kept} receipts for {len(times)} saves")
    return kept / elapsed, sorted(each * 1000 for each in times)


def pgbench(server: EmbeddedPostgres, url: str, clients: int) -> float:
    """Single-row inserts per second, one commit each, prepared statements."""
    sql = "CREATE TABLE IF NOT EXISTS bench (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, what text)"
    subprocess.run([str(server.bin_path / "psql"), "-q", url, "-c", sql], check=True, capture_output=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"INSERT INTO bench (at, what) VALUES (now(), '{TEXT}');\n")
        script.flush()
        command = [str(server.bin_path / "pgbench"), "-n", "-M", "prepared", "-f", script.name, "-c", str(clients)]
        said = subprocess.run([*command, "-j", "2", "-T", "8", url], check=True, capture_output=True, text=True).stdout
    return float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def main_with(running: Running) -> tuple[float, float, list[float]]:
    crowd = [Saves(device) for device in await devices(running, CANDIDATES)]
    await measure(crowd, running.url, 100)  # warm-up
    fastest, _ = await measure(crowd, running.url, None)
    held, latencies = await measure(crowd, running.url, RATE)
    return fastest, held, latencies


def main() -> None:
    """Print the table."""
    with platform() as running:
        server = EmbeddedPostgres(running.state / "postgres")
        server.ensure()
        before = {clients: pgbench(server, running.database_url, clients) for clients in (2, 20)}
        fastest, held, latencies = uvloop.run(main_with(running))
        after = {clients: pgbench(server, running.database_url, clients) for clients in (2, 20)}
    commits = {clients: (before[clients] + after[clients]) / 2 for clients in before}
    print(f"### Saving an answer\n\n{machine()}\n")
    print("| | per second | ratio |\n|---|---:|---:|")
    for clients, rate in commits.items():
        print(f"| pgbench, single-row insert, {clients} clients | {rate:,.0f} | {fastest / rate:.0%} |")
    print(
        f"| saves with receipt, 2 web processes, {CANDIDATES} candidates, as fast as possible | {fastest:,.0f} | 100% |\n"
    )
    spread = ", ".join(f"p{int(share * 100)} {percentile(latencies, share):.1f} ms" for share in (0.5, 0.95, 0.99))
    print(
        f"At {RATE} saves/s from outside ({held:.0f} reached, {len(latencies):,} saves): {spread}, worst {latencies[-1]:.0f} ms."
    )


if __name__ == "__main__":
    main()
