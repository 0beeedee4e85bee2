"""What a broker is started with."""

import base64

from streams.local.broker import new_cluster_id


def test_a_cluster_id_is_sixteen_bytes_and_never_looks_like_an_option() -> None:
    for _ in range(500):
        text = new_cluster_id()

        assert len(base64.urlsafe_b64decode(text + "==")) == 16
        assert text[0].isalnum()
