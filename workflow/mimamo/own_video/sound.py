"""The sound of a video, for a film that is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.sound.decoding import sound_stream

if TYPE_CHECKING:
    import av

#: Sound that an MP4 file takes as it is; other sound is encoded anew.
_COPIED = frozenset({"aac", "mp3", "ac3", "eac3", "alac", "opus"})


class Sound:
    """Copies the sound of a video into a film, piece by piece as the pictures are written.

    Parameters
    ----------
    source
        The video, open.
    stream
        Its sound.
    film
        The film, open for writing.
    begin
        Seconds in the video at which the film begins.
    """

    def __init__(
        self,
        source: av.container.InputContainer,
        stream: av.AudioStream,
        film: av.container.OutputContainer,
        begin: float,
    ) -> None:
        self._film, self._begin = film, begin
        if stream.codec_context.codec.canonical_name in _COPIED:
            self._out = film.add_stream_from_template(stream)
            self._packets = self._copied(source, stream)
        else:
            self._out = film.add_stream("aac", rate=stream.codec_context.sample_rate)
            self._packets = self._encoded(source, stream)
        self._next: av.Packet | None = next(self._packets, None)

    def write_until(self, seconds: float) -> None:
        """Write what is heard until a time of the film."""
        while self._next is not None and self._time(self._next) <= seconds:
            packet, self._next = self._next, next(self._packets, None)
            self._film.mux(packet)

    def write_rest(self) -> None:
        """Write all that is left."""
        self.write_until(float("inf"))

    def _time(self, packet: av.Packet) -> float:
        """Return the seconds in the film at which a packet is heard."""
        return float(packet.pts * packet.time_base)

    def _copied(self, source: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.Packet]:
        """Yield the packets as they are, with times of the film."""
        import av

        try:
            for packet in source.demux(stream):
                if packet.pts is None:
                    continue
                shift = round(Fraction(self._begin) / packet.time_base)
                packet.pts -= shift
                packet.dts = packet.pts
                # What is over before the first picture is left out.
                if packet.pts + (packet.duration or 0) > 0:
                    packet.stream = self._out
                    yield packet
        except av.FFmpegError:
            return

    def _encoded(self, source: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.Packet]:
        """Yield the sound encoded as AAC."""
        import av

        context = self._out.codec_context
        resampler = av.AudioResampler("fltp", "stereo", context.sample_rate)
        try:
            for frame in source.decode(stream):
                if frame.pts is not None:
                    frame.pts -= round(Fraction(self._begin) / frame.time_base)
                for resampled in resampler.resample(frame):
                    yield from self._out.encode(resampled)
        except av.FFmpegError:
            pass
        yield from self._out.encode(None)


@contextmanager
def sound_of(video: Path, film: av.container.OutputContainer, begin: float) -> Iterator[Sound | None]:
    """Open the sound of a video for a film; None where it has none."""
    import av

    with av.open(f"file:{video}", options={"protocol_whitelist": "file"}) as source:
        stream = sound_stream(source)
        yield None if stream is None else Sound(source, stream, film, begin)
