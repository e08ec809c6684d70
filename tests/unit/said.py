"""Records of the two topics as they should be, with any of their fields replaced by other JSON."""

from streaming.events.intake import Intake, Sources, take_in
from streaming.events.records import KafkaRecord, kafka_record

EVENTS, CONTROL = "landing-events", "landing-control"


def notification(
    key: str = '"a"', size: str = "22", etag: str = '"e1"', version: str = '"v1"', time: str = '"2026-01-02T03:04:05Z"'
) -> bytes:
    described = f'{{"key": {key}, "size": {size}, "eTag": {etag}, "versionId": {version}}}'
    where = f'{{"bucket": {{"name": "landing"}}, "object": {described}}}'
    return f'{{"Records": [{{"eventName": "s3:ObjectCreated:Put", "eventTime": {time}, "s3": {where}}}]}}'.encode()


def announcement(
    key: str = '"a"', size: str = "22", etag: str = '"e1"', version: str = '"v1"', time: str = '"2026-01-02T03:04:05Z"'
) -> bytes:
    fields = f'"key": {key}, "version": {version}, "etag": {etag}, "size": {size}, "landed_at": {time}'
    return f'{{"type": "landed", "bucket": "landing", {fields}}}'.encode()


SAID = {EVENTS: notification, CONTROL: announcement}
GOOD = {topic: kafka_record(topic, 0, 99, said(key='"good"')) for topic, said in SAID.items()}


def taken_in(*records: KafkaRecord) -> Intake:
    return take_in(records, Sources("landing", CONTROL))
