"""`cee release` beside a real worker; what releasing does to a held account is tried in `test_engine_hosting`."""

import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from streams.contract.codec import Codec
from tests.integration.test_worker import (
    HOME,
    KEY,
    accepted,
    create_topics,
    publish,
    running_worker,
    summary_fields,
    wait_for,
)


def test_an_account_that_is_not_held_is_left_alone_and_goes_on(
    bootstrap_servers: str, namespace: str, tmp_path: Path
) -> None:
    """The wish takes the partition from its worker for a moment: nothing is lost or done twice by that."""
    names = create_topics(bootstrap_servers, namespace)
    when = datetime(2025, 1, 10, 15, tzinfo=UTC)
    fields = summary_fields(entry_number="B7603245286", accepted_at=when)
    later = Codec().encode("entry_summary_accepted", {**fields, "event_id": str(uuid.uuid4()), "event_time": when})
    place = ["--bootstrap-servers", bootstrap_servers, "--namespace", namespace]
    with running_worker(bootstrap_servers, namespace, tmp_path):
        topic, work = names.of("entry-summary-event"), names.center_work("electronics")
        publish(bootstrap_servers, topic, [(KEY, accepted(), HOME)])
        before = wait_for(bootstrap_servers, work, lambda records: len(records) == 2)

        command = [sys.executable, "-m", "streams.cli", "release", "12-345678900", *place]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        publish(bootstrap_servers, topic, [(KEY, later, HOME)])
        after = wait_for(bootstrap_servers, work, lambda records: len(records) == 4)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"partition {HOME}" in done.stdout
    assert [record.value for record in after[:2]] == [record.value for record in before]
