"""How each fault is done. Each returns when what it broke is there again, though not yet well."""

import asyncio
import os
import signal
import time
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import DeleteGroupsRequest

from streams.chaos.faults import Fault, Planned
from streams.chaos.stage import APPLICATION, Stage
from streams.chaos.stores import corrupt_stores, lose_stores, truncate_stores

PAUSE_SECONDS: Final = 14.0
TAKEOVER_SECONDS: Final = 18.0
SCALE_SECONDS: Final = 10.0
SLOW_SECONDS: Final = 0.25
NETWORK_SECONDS: Final = 5.0
REGISTRY_SECONDS: Final = 8.0
REGISTRY_SLOW_SECONDS: Final = 2.0
BROKER_PAUSE_SECONDS: Final = 6.0
GROUP_SECONDS: Final = 40.0
NON_EMPTY_GROUP: Final = 68

_DISK: Final = {
    Fault.LOSE_STORES: lose_stores,
    Fault.TRUNCATE_STORES: truncate_stores,
    Fault.CORRUPT_STORES: corrupt_stores,
}


async def break_it(stage: Stage, planned: Planned) -> None:
    """Do one fault and, after its time, start again what it ended."""
    match planned.fault:
        case Fault.KILL | Fault.TAKEOVER | Fault.PAUSE | Fault.TERMINATE | Fault.SCALE:
            await _break_a_worker(stage, planned)
        case Fault.LOSE_STORES | Fault.TRUNCATE_STORES | Fault.CORRUPT_STORES:
            stage.kill_all()
            await asyncio.to_thread(_DISK[planned.fault], stage.state_dir)
        case Fault.DELETE_GROUP:
            await stage.stop_all()
            await delete_group(stage.bootstrap_servers, APPLICATION)
        case Fault.SLOW_NETWORK | Fault.CUT_NETWORK | Fault.SILENT_NETWORK:
            await _break_the_network(stage, planned)
        case Fault.REGISTRY_GONE | Fault.REGISTRY_SLOW:
            await _break_the_registry(stage, planned)
        case Fault.BROKER_STOP | Fault.BROKER_KILL | Fault.BROKER_PAUSE:
            await _break_a_broker(stage, planned)
    stage.start_all()


async def _break_a_worker(stage: Stage, planned: Planned) -> None:
    worker = stage.members[planned.victim % len(stage.members)]
    match planned.fault:
        case Fault.KILL:
            worker.kill()
        case Fault.TAKEOVER:
            worker.kill()
            await asyncio.sleep(TAKEOVER_SECONDS)
        case Fault.PAUSE:
            await worker.pause(PAUSE_SECONDS)
        case Fault.TERMINATE:
            await worker.terminate()
            await asyncio.sleep(planned.away_seconds)
        case _:
            stage.workers[-1].start()
            await asyncio.sleep(SCALE_SECONDS)
            await stage.workers[-1].terminate()


async def _break_the_network(stage: Stage, planned: Planned) -> None:
    proxy = stage.proxies[planned.victim % len(stage.proxies)]
    match planned.fault:
        case Fault.SLOW_NETWORK:
            proxy.slow(SLOW_SECONDS)
            await asyncio.sleep(NETWORK_SECONDS)
        case Fault.CUT_NETWORK:
            proxy.cut()
            await asyncio.sleep(max(0.5, planned.away_seconds))
        case _:
            proxy.silence()
            await asyncio.sleep(PAUSE_SECONDS)
    proxy.heal()


async def _break_the_registry(stage: Stage, planned: Planned) -> None:
    """Let a worker start, and go on, while the registry does not answer or takes its time."""
    assert stage.registry_proxy is not None
    if planned.fault is Fault.REGISTRY_GONE:
        stage.registry_proxy.cut()
    else:
        stage.registry_proxy.slow(REGISTRY_SLOW_SECONDS)
    worker = stage.members[planned.victim % len(stage.members)]
    worker.kill()
    worker.start()
    await asyncio.sleep(REGISTRY_SECONDS)
    stage.registry_proxy.heal()


async def _break_a_broker(stage: Stage, planned: Planned) -> None:
    broker = stage.brokers[planned.victim % len(stage.brokers)]
    if planned.fault is Fault.BROKER_PAUSE:
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGSTOP)
        await asyncio.sleep(BROKER_PAUSE_SECONDS)
        os.kill(broker.pid, signal.SIGCONT)
        return
    await asyncio.to_thread(broker.stop if planned.fault is Fault.BROKER_STOP else broker.kill)
    await asyncio.sleep(planned.away_seconds)
    await asyncio.to_thread(broker.start)


async def delete_group(bootstrap_servers: str, group: str) -> None:
    """Delete a group with its offsets, as soon as its last member is gone.

    Raises `TimeoutError` where that takes longer than sessions do.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        node = await admin.find_coordinator(group)
        give_up = time.monotonic() + GROUP_SECONDS
        while time.monotonic() < give_up:
            answer = await admin._send_request(DeleteGroupsRequest([group]), node)  # noqa: SLF001 - no public method
            if [code for _, code in answer.results] != [NON_EMPTY_GROUP]:
                return
            await asyncio.sleep(0.5)
    finally:
        await admin.close()
    message = f"group {group} still has members after {GROUP_SECONDS:.0f} s"
    raise TimeoutError(message)
