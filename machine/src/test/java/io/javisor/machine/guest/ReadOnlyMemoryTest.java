package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.io.StitchedFile;
import io.javisor.core.io.StitchedMapping;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.devices.virtio.pmem.PmemCounters;
import io.javisor.devices.virtio.pmem.PmemDevice;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Memory that the host has mapped for reading only: a stray write of the engine's would end the process. */
class ReadOnlyMemoryTest {
    private static final long START_GPA = 0x1_0000_0000L;
    private static final int CODE = 0x100;

    /** Reads, writes in a loop that is worth translating, atomic accesses, strings, a write across pages, code, and an SSE write. */
    private static final String GUEST = """
        1000: 48 bb 00 00 00 00 01 00 00 00 ; movabs rbx,0x100000000
        100a: 48 8b 03 ; mov rax,QWORD PTR [rbx]
        100d: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1015: 48 c7 03 34 12 00 00 ; mov QWORD PTR [rbx],0x1234
        101c: 48 8b 03 ; mov rax,QWORD PTR [rbx]
        101f: 48 89 04 25 08 a0 00 00 ; mov QWORD PTR ds:0xa008,rax
        1027: 31 d2 ; xor edx,edx
        1029: b9 b8 0b 00 00 ; mov ecx,0xbb8
        102e: 48 89 4b 08 ; mov QWORD PTR [rbx+0x8],rcx
        1032: 48 03 53 08 ; add rdx,QWORD PTR [rbx+0x8]
        1036: ff c9 ; dec ecx
        1038: 75 f4 ; jne 102e
        103a: 48 89 14 25 10 a0 00 00 ; mov QWORD PTR ds:0xa010,rdx
        1042: f0 48 83 43 10 01 ; lock add QWORD PTR [rbx+0x10],0x1
        1048: b8 05 00 00 00 ; mov eax,0x5
        104d: 48 87 43 18 ; xchg QWORD PTR [rbx+0x18],rax
        1051: 48 89 04 25 18 a0 00 00 ; mov QWORD PTR ds:0xa018,rax
        1059: 48 89 83 fc 0f 00 00 ; mov QWORD PTR [rbx+0xffc],rax
        1060: 48 8d bb f0 1f 00 00 ; lea rdi,[rbx+0x1ff0]
        1067: b9 40 00 00 00 ; mov ecx,0x40
        106c: f3 aa ; rep stos BYTE PTR es:[rdi],al
        106e: 48 89 de ; mov rsi,rbx
        1071: bf 00 a1 00 00 ; mov edi,0xa100
        1076: b9 20 00 00 00 ; mov ecx,0x20
        107b: f3 a4 ; rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]
        107d: 48 8d 83 00 01 00 00 ; lea rax,[rbx+0x100]
        1084: ff d0 ; call rax
        1086: 48 89 04 25 20 a0 00 00 ; mov QWORD PTR ds:0xa020,rax
        108e: 0f 20 e0 ; mov rax,cr4
        1091: 0d 00 02 00 00 ; or eax,0x200
        1096: 0f 22 e0 ; mov cr4,rax
        1099: 0f 10 43 20 ; movups xmm0,XMMWORD PTR [rbx+0x20]
        109d: 0f 11 43 40 ; movups XMMWORD PTR [rbx+0x40],xmm0
        10a1: 0f 11 04 25 30 a0 00 00 ; movups XMMWORD PTR ds:0xa030,xmm0
        10a9: 48 8b 43 40 ; mov rax,QWORD PTR [rbx+0x40]
        10ad: 48 89 04 25 40 a0 00 00 ; mov QWORD PTR ds:0xa040,rax
        10b5: f4 ; hlt
        """;

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    void readsFindTheFileAndWritesAreDroppedAndCounted(EngineProvider engine) throws Exception {
        byte[] content = new byte[0x3000];
        new Random(5).nextBytes(content);
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(CODE, new byte[] {(byte) 0xB8, 0x77, 0, 0, 0, (byte) 0xC3}); // mov eax,0x77; ret
        Path path = Files.write(directory.resolve("content"), content);
        PmemCounters counters = new PmemCounters();
        try (StitchedMapping mapping = map(path, content.length);
                TinyGuest guest = TinyGuest.longMode(engine)
                        .code(GUEST)
                        .readOnly(new GuestMemory.Region(START_GPA, mapping.segment()))
                        .build()) {
            GpaRange place = new GpaRange(START_GPA, mapping.segment().byteSize());
            PmemDevice device = new PmemDevice("pmem0", place, counters);
            var _ = guest.deviceMemory()
                    .register("pmem0 memory", START_GPA, place.sizeBytes(), device.window(guest.memory()));
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            GuestMemory memory = guest.memory();
            assertEquals(bytes.getLong(0), memory.getLong(0xA000), "a read");
            assertEquals(bytes.getLong(0), memory.getLong(0xA008), "a read after a write");
            assertEquals(3000 * bytes.getLong(8), memory.getLong(0xA010), "reads after writes, translated");
            assertEquals(bytes.getLong(24), memory.getLong(0xA018), "xchg");
            byte[] copied = new byte[32];
            memory.copyOut(0xA100, copied, 0, 32);
            assertArrayEquals(Arrays.copyOf(content, 32), copied, "rep movs");
            assertEquals(0x77, memory.getLong(0xA020), "code");
            assertEquals(bytes.getLong(0x28), memory.getLong(0xA038), "movups");
            assertEquals(bytes.getLong(0x40), memory.getLong(0xA040), "a read after a write of 16 bytes");
            assertTrue(counters.droppedWrites() >= 3000 + 6, () -> "dropped: " + counters.droppedWrites());
            assertEquals(0, guest.deviceMemory().unclaimedWrites());
        }
        assertArrayEquals(content, Files.readAllBytes(path));
    }

    private static StitchedMapping map(Path path, long size) throws IOException {
        try (Fd file = Fd.own(path.toString(), Libc.open(path.toString(), HostConstants.O_RDONLY, 0))) {
            assertEquals(size, Files.size(path));
            return StitchedMapping.of(new StitchedFile(List.of(new StitchedFile.Part(file, size))));
        }
    }
}
