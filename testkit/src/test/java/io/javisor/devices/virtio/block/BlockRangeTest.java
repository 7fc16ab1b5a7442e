package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.BlockBench.DATA;
import static io.javisor.devices.virtio.block.BlockBench.SECTORS;
import static io.javisor.devices.virtio.block.BlockBench.SIZE;
import static io.javisor.devices.virtio.block.BlockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.Errno;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Discard and write-zeroes, which name ranges (virtio 1.2 §5.2.6). */
class BlockRangeTest {
    private final BlockBench bench = new BlockBench();

    @Test
    void zeroesAreWritten() {
        DiskDriver disk = bench.start();
        bench.memory.fill(DATA, 4096, (byte) 1);
        assertEquals(VIRTIO_BLK_S_OK, disk.write(0, DATA, 4096));
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 2, 3, 0));
        assertEquals("zero", bench.file.all.getLast().kind());
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 2, 3, 1));
        assertEquals("discard", bench.file.all.getLast().kind());
        for (int i = 0; i < 4096; i++) {
            assertEquals(i >= 1024 && i < 2560 ? 0 : 1, bench.file.content[i]);
        }
    }

    @Test
    void aFileThatCannotMakeZeroesIsWrittenWithThem() {
        DiskDriver disk = bench.start();
        Arrays.fill(bench.file.content, (byte) 1);
        bench.file.results.add((long) -Errno.EOPNOTSUPP);
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 1, SECTORS - 2, 0));
        for (int i = 0; i < SIZE; i++) {
            assertEquals(i >= 512 && i < SIZE - 512 ? 0 : 1, bench.file.content[i]);
        }
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_WRITE_ZEROES, DATA, 0, 1, 0));
        assertEquals("write", bench.file.all.getLast().kind(), "not asked a second time");
    }

    @Test
    void aDiscardThatTheFileCannotTakeIsDone() {
        DiskDriver disk = bench.start();
        bench.file.results.add((long) -Errno.EOPNOTSUPP);
        assertEquals(VIRTIO_BLK_S_OK, disk.range(VIRTIO_BLK_T_DISCARD, DATA, 0, 8, 0));
    }

    @Test
    void severalRangesAreDoneInTurn() {
        DiskDriver disk = bench.start();
        Arrays.fill(bench.file.content, (byte) 1);
        for (int i = 0; i < 16; i++) {
            bench.memory.putLong(DATA + 16L * i, 2L * i);
            bench.memory.putInt(DATA + 16L * i + 8, i == 5 ? 0 : 1);
            bench.memory.putInt(DATA + 16L * i + 12, 0);
        }
        assertEquals(VIRTIO_BLK_S_OK, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 256, false));
        for (int i = 0; i < 32; i++) {
            assertEquals(i % 2 == 0 && i != 10 ? 0 : 1, bench.file.content[512 * i]);
        }
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 272, false), "17 ranges");
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 17, false), "not whole ones");
        assertEquals(VIRTIO_BLK_S_IOERR, disk.ask(VIRTIO_BLK_T_DISCARD, 0, DATA, 0, false), "none");
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 8, 1, 2", // discard has no flags
        "13, 0, 8, 2, 2",
        "13, 0, 8, -1, 2",
        "13, 256, 1, 0, 1",
        "13, 255, 2, 0, 1",
        "13, -1, 1, 0, 1",
        "11, 0, -1, 0, 1",
        "11, 0x7FFFFFFFFFFFFFFF, 8, 0, 1",
    })
    void aRangeThatCannotBeIsRefusedBeforeAnythingIsDone(int type, String sector, int sectors, int flags, int status) {
        DiskDriver disk = bench.start();
        int before = bench.file.all.size();
        assertEquals(status, disk.range(type, DATA, Long.decode(sector), sectors, flags));
        assertEquals(before, bench.file.all.size());
    }
}
