package io.javisor.devices.virtio.queue;

import static io.javisor.devices.virtio.queue.RawRing.DATA;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChainBytesTest {
    @Test
    void bytesAreReadAndWrittenHoweverTheyAreSpread() {
        GuestMemory memory = new RawRing(1).memory;
        Random random = new Random(7);
        byte[] bytes = new byte[200];
        random.nextBytes(bytes);
        var source = Arena.ofAuto().allocate(200);
        source.copyFrom(MemorySegment.ofArray(bytes));
        for (int round = 0; round < 500; round++) {
            DescriptorChain chain = new DescriptorChain(40);
            chain.begin(0);
            long gpa = DATA;
            int left = 100;
            while (left > 0) {
                int here = Math.min(left, 1 + random.nextInt(40));
                chain.addReadable(gpa, here);
                gpa += here + random.nextInt(3);
                left -= here;
            }
            left = 100;
            while (left > 0) {
                int here = Math.min(left, 1 + random.nextInt(40));
                chain.addWritable(gpa, here);
                gpa += here + random.nextInt(3);
                left -= here;
            }
            int from = random.nextInt(110);
            int length = random.nextInt(110);
            int expected = Math.clamp(100 - from, 0, length);
            assertEquals(expected, ChainBytes.write(memory, chain, from, source, 3, length));
            for (int i = 0; i < expected; i++) {
                assertEquals(bytes[3 + i], memory.getByte(gpaOf(chain, chain.readableCount(), from + i)));
            }
            var target = Arena.ofAuto().allocate(200);
            assertEquals(expected, ChainBytes.read(memory, chain, from, target, 5, length));
            for (int i = 0; i < expected; i++) {
                assertEquals(memory.getByte(gpaOf(chain, 0, from + i)), target.get(ValueLayout.JAVA_BYTE, 5 + i));
            }
            assertEquals(from < 100, ChainBytes.putByte(memory, chain, from, (byte) 0x5A));
            if (from < 100) {
                assertEquals(0x5A, memory.getByte(gpaOf(chain, chain.readableCount(), from)));
            }
        }
    }

    private static long gpaOf(DescriptorChain chain, int firstPiece, int offset) {
        int left = offset;
        int piece = firstPiece;
        while (left >= chain.lengthBytes(piece)) {
            left -= (int) chain.lengthBytes(piece++);
        }
        return chain.gpa(piece) + left;
    }

    @Test
    void aLeaseThatIsFullLendsWhatItHolds() {
        GuestMemory memory = new RawRing(1).memory;
        DescriptorChain chain = new DescriptorChain(4);
        chain.begin(0);
        for (int i = 0; i < 4; i++) {
            chain.addWritable(DATA + 100L * i, 10);
        }
        var lease = memory.newLease(2);
        assertEquals(20, ChainBytes.lendWritable(chain, 0, 40, lease));
        lease.release();
        assertEquals(15, ChainBytes.lendWritable(chain, 25, 40, lease));
        assertEquals(2, lease.iovecCount());
        assertEquals(5, lease.pieceSizeBytes(0));
        lease.release();
        assertEquals(0, ChainBytes.lendReadable(chain, 0, 40, lease));
    }
}
