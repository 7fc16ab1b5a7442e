package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory slots as the guest sees them: read-only ones, one that goes, and the log of dirty pages. */
@KvmTest
class KvmMemorySlotTest {
    private static final EngineProvider KVM = new KvmEngineProvider();

    private static final GpaRange LOW = new GpaRange(0, 0x10000);

    private static void setAgain(TinyGuest guest, int slot, int flags) {
        GuestMemory.Region region = guest.memory().regions().get(slot);
        KvmMemorySlots slots = KvmParts.vm(guest).memory();
        slots.delete(slot);
        slots.setUserMemoryRegion(
                slot,
                flags,
                region.startGpa(),
                region.segment().byteSize(),
                region.segment().address());
    }

    private static final String READ_ONLY = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: 89 04 25 00 a0 00 00   ; mov DWORD PTR ds:0xa000,eax
        100e: c7 04 25 00 00 20 00 55 00 00 00 ; mov DWORD PTR ds:0x200000,0x55
        1019: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1020: 89 04 25 04 a0 00 00   ; mov DWORD PTR ds:0xa004,eax
        1027: f4                     ; hlt
        """;

    @Test
    void aWriteToReadOnlyMemoryIsAnExit() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM)
                .memory(LOW, new GpaRange(0x20_0000, 0x1000))
                .code(READ_ONLY)
                .build()) {
            setAgain(guest, 1, KvmConstants.KVM_MEM_READONLY);
            RecordingDevice device = guest.recordMemory(0x20_0000, 0x1000);
            guest.memory().putInt(0x20_0000, 0xCAFE);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(List.of(Access.write(0, 4, 0x55)), device.accesses());
            assertEquals(0xCAFE, guest.memory().getInt(0xA000));
            assertEquals(0xCAFE, guest.memory().getInt(0xA004));
        }
    }

    private static final String SLOT_GONE = """
        1000: 8b 04 25 00 00 20 00   ; mov eax,DWORD PTR ds:0x200000
        1007: e7 80                  ; out 0x80,eax
        1009: e9 f2 ff ff ff         ; jmp 0x1000
        """;

    @Test
    void aSlotThatIsDeletedWhileTheGuestRunsBecomesDeviceMemory() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM)
                .memory(LOW, new GpaRange(0x20_0000, 0x1000))
                .code(SLOT_GONE)
                .build()) {
            guest.memory().putInt(0x20_0000, 0xCAFE);
            guest.run();
            assertEquals(0xCAFE, guest.awaitReport());
            KvmParts.vm(guest).memory().delete(1);
            long report;
            do {
                report = guest.awaitReport();
            } while (report == 0xCAFE);
            assertEquals(0xFFFF_FFFFL, report);
        }
    }

    private static final String DIRTY = """
        1000: c6 04 25 00 b0 00 00 01 ; mov BYTE PTR ds:0xb000,0x1
        1008: 8b 04 25 00 c0 00 00   ; mov eax,DWORD PTR ds:0xc000
        100f: 48 c7 04 25 fc df 00 00 ff ff ff ff ; mov QWORD PTR ds:0xdffc,0xffffffffffffffff
        101b: f4                     ; hlt
        101c: c6 04 25 01 c0 00 00 01 ; mov BYTE PTR ds:0xc001,0x1
        1024: f4                     ; hlt
        """;

    @Test
    void kvmLogsTheGuestsWrites() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(DIRTY).build();
                Arena arena = Arena.ofConfined()) {
            setAgain(guest, 0, KvmConstants.KVM_MEM_LOG_DIRTY_PAGES);
            MemorySegment bitmap = arena.allocate(KvmMemorySlots.dirtyBitmapSizeBytes(LOW.sizeBytes()), Long.BYTES);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            KvmParts.vm(guest).memory().getDirtyLog(0, bitmap);
            assertEquals(pages(0xB, 0xD, 0xE), dataPages(bitmap));
            KvmParts.vm(guest).memory().getDirtyLog(0, bitmap);
            assertEquals(0, dataPages(bitmap));
            // what the VMM writes is not KVM's to log
            guest.memory().putByte(0xE000, (byte) 1);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            KvmParts.vm(guest).memory().getDirtyLog(0, bitmap);
            assertEquals(pages(0xC), dataPages(bitmap));
        }
    }

    /** The data pages' bits; the processor may set accessed bits in the page tables. */
    private static long dataPages(MemorySegment bitmap) {
        return bitmap.get(ValueLayout.JAVA_LONG, 0) & -pages((int) (TinyGuest.DATA_GPA >>> 12));
    }

    private static long pages(int... numbers) {
        long bits = 0;
        for (int number : numbers) {
            bits |= 1L << number;
        }
        return bits;
    }
}
