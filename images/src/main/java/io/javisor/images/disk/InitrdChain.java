package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Several initrds as one: each at a multiple of {@value #ALIGN} bytes, with zeros between, and to the end. */
record InitrdChain(String name, List<Link> links, long sizeBytes) implements ByteSource {
    /** Archives in an initrd start at multiples of this (Linux 6.12, Documentation/driver-api/early-userspace/buffer-format.rst). */
    private static final long ALIGN = 4;

    /** One of them, and where it starts in the whole. */
    record Link(ByteSource source, long start) {}

    /**
     * Chains them.
     *
     * @param sources at least one
     * @throws ImageException if no number says how long they are together
     */
    static InitrdChain of(List<ByteSource> sources) {
        List<Link> links = new ArrayList<>();
        long size = 0;
        for (ByteSource source : sources) {
            if (source.sizeBytes() > Long.MAX_VALUE - ALIGN - size) {
                throw source.problem("it has %d bytes, after %d others".formatted(source.sizeBytes(), size));
            }
            links.add(new Link(source, size));
            size = (size + source.sizeBytes() + ALIGN - 1) & -ALIGN;
        }
        return new InitrdChain(sources.getFirst().name() + " and others", List.copyOf(links), size);
    }

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        long end = offset + target.byteSize();
        long done = offset;
        for (Link link : links) {
            long from = Math.max(done, link.start);
            long to = Math.min(end, link.start + link.source.sizeBytes());
            if (from < to) {
                target.asSlice(done - offset, from - done).fill((byte) 0);
                link.source.read(from - link.start, target.asSlice(from - offset, to - from));
                done = to;
            }
        }
        target.asSlice(done - offset).fill((byte) 0);
    }
}
