package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;

/** Port exits of every width, single and as strings, in real and 64-bit mode. */
class PortIoTest {
    private static final String OUT_REAL = """
        1000: ba 34 12               ; mov dx,0x1234
        1003: 66 b8 11 22 33 44      ; mov eax,0x44332211
        1009: ee                     ; out dx,al
        100a: ef                     ; out dx,ax
        100b: 66 ef                  ; out dx,eax
        100d: e6 92                  ; out 0x92,al
        100f: e7 92                  ; out 0x92,ax
        1011: f4                     ; hlt
        """;

    private static final String OUT_LONG = """
        1000: ba 34 12 00 00         ; mov edx,0x1234
        1005: b8 11 22 33 44         ; mov eax,0x44332211
        100a: ee                     ; out dx,al
        100b: 66 ef                  ; out dx,ax
        100d: ef                     ; out dx,eax
        100e: e6 92                  ; out 0x92,al
        1010: 66 e7 92               ; out 0x92,ax
        1013: f4                     ; hlt
        """;

    @MachineTest
    void realModeWritesPorts(EngineProvider engine) throws InterruptedException {
        assertWritesPorts(TinyGuest.realMode(engine).code(OUT_REAL));
    }

    @MachineTest
    void longModeWritesPorts(EngineProvider engine) throws InterruptedException {
        assertWritesPorts(TinyGuest.longMode(engine).code(OUT_LONG));
    }

    private static void assertWritesPorts(TinyGuest.Builder builder) throws InterruptedException {
        try (TinyGuest guest = builder.build()) {
            RecordingDevice device = guest.recordPorts(0x1230, 0x10);
            RecordingDevice fixed = guest.recordPorts(0x90, 4);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(Access.write(4, 1, 0x11), Access.write(4, 2, 0x2211), Access.write(4, 4, 0x4433_2211)),
                    device.accesses());
            assertEquals(List.of(Access.write(2, 1, 0x11), Access.write(2, 2, 0x2211)), fixed.accesses());
        }
    }

    private static final String IN_REAL = """
        1000: ba 34 12               ; mov dx,0x1234
        1003: 66 b8 ff ff ff ff      ; mov eax,0xffffffff
        1009: ec                     ; in al,dx
        100a: 66 a3 00 a0            ; mov ds:0xa000,eax
        100e: 66 b8 ff ff ff ff      ; mov eax,0xffffffff
        1014: ed                     ; in ax,dx
        1015: 66 a3 08 a0            ; mov ds:0xa008,eax
        1019: 66 ed                  ; in eax,dx
        101b: 66 a3 10 a0            ; mov ds:0xa010,eax
        101f: e4 92                  ; in al,0x92
        1021: a2 18 a0               ; mov ds:0xa018,al
        1024: f4                     ; hlt
        """;

    @MachineTest
    void realModeReadsPorts(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(IN_REAL).build()) {
            RecordingDevice device = guest.recordPorts(0x1230, 0x10).answer(0x5A, 0xBEEF, 0x8000_0001L);
            RecordingDevice _ = guest.recordPorts(0x90, 4).answer(0x77);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(Access.read(4, 1, 0x5A), Access.read(4, 2, 0xBEEF), Access.read(4, 4, 0x8000_0001L)),
                    device.accesses());
            assertEquals(0xFFFF_FF5A, guest.memory().getInt(0xA000));
            assertEquals(0xFFFF_BEEF, guest.memory().getInt(0xA008));
            assertEquals(0x8000_0001, guest.memory().getInt(0xA010));
            assertEquals(0x77, guest.memory().getByte(0xA018));
        }
    }

    private static final String IN_LONG = """
        1000: ba 34 12 00 00         ; mov edx,0x1234
        1005: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        100c: ec                     ; in al,dx
        100d: 48 89 04 25 00 a0 00 00 ; mov QWORD PTR ds:0xa000,rax
        1015: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        101c: 66 ed                  ; in ax,dx
        101e: 48 89 04 25 08 a0 00 00 ; mov QWORD PTR ds:0xa008,rax
        1026: 48 c7 c0 ff ff ff ff   ; mov rax,0xffffffffffffffff
        102d: ed                     ; in eax,dx
        102e: 48 89 04 25 10 a0 00 00 ; mov QWORD PTR ds:0xa010,rax
        1036: f4                     ; hlt
        """;

    /** A read of 4 bytes clears the upper half of RAX, narrower ones leave what is above (Intel SDM vol. 1 §3.4.1.1). */
    @MachineTest
    void longModeReadsPorts(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(IN_LONG).build()) {
            // bits beyond the width must not reach the guest
            RecordingDevice _ = guest.recordPorts(0x1234, 4).answer(0xFFF5A, 0xABBEEF, -0x7FFF_FFFFL);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0xFFFF_FFFF_FFFF_FF5AL, guest.memory().getLong(0xA000));
            assertEquals(0xFFFF_FFFF_FFFF_BEEFL, guest.memory().getLong(0xA008));
            assertEquals(0x8000_0001L, guest.memory().getLong(0xA010));
        }
    }

    private static final String UNCLAIMED = """
        1000: ba 00 03               ; mov dx,0x300
        1003: ef                     ; out dx,ax
        1004: 66 31 c0               ; xor eax,eax
        1007: ec                     ; in al,dx
        1008: 66 a3 00 a0            ; mov ds:0xa000,eax
        100c: 66 31 c0               ; xor eax,eax
        100f: ed                     ; in ax,dx
        1010: 66 a3 04 a0            ; mov ds:0xa004,eax
        1014: 66 ed                  ; in eax,dx
        1016: 66 a3 08 a0            ; mov ds:0xa008,eax
        101a: 66 bf 10 a0 00 00      ; mov edi,0xa010
        1020: 66 b9 02 00 00 00      ; mov ecx,0x2
        1026: f3 6d                  ; rep ins WORD PTR es:[di],dx
        1028: f4                     ; hlt
        """;

    @MachineTest
    void portsThatNobodyClaimsReadAllOnesAndAreCounted(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(UNCLAIMED).build()) {
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0xFF, guest.memory().getInt(0xA000));
            assertEquals(0xFFFF, guest.memory().getInt(0xA004));
            assertEquals(0xFFFF_FFFF, guest.memory().getInt(0xA008));
            assertEquals(0xFFFF_FFFFL, guest.memory().getLong(0xA010));
            assertEquals(1, guest.ports().unclaimedWrites());
            assertEquals(5, guest.ports().unclaimedReads());
        }
    }

    private static final String PART = """
        1000: ba ff 02               ; mov dx,0x2ff
        1003: 66 b8 11 22 33 44      ; mov eax,0x44332211
        1009: 66 ef                  ; out dx,eax
        100b: ed                     ; in ax,dx
        100c: a3 00 a0               ; mov ds:0xa000,ax
        100f: f4                     ; hlt
        """;

    @MachineTest
    void anAccessThatIsPartlyInADeviceReachesItByteByByte(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(PART).build()) {
            RecordingDevice device = guest.recordPorts(0x300, 2).answer(0x5A);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(Access.write(0, 1, 0x22), Access.write(1, 1, 0x33), Access.read(0, 1, 0x5A)),
                    device.accesses());
            assertEquals(0x5AFF, guest.memory().getShort(0xA000));
        }
    }

    private static final String OUTS_REAL = """
        1000: fc                     ; cld
        1001: ba 34 12               ; mov dx,0x1234
        1004: be 00 a0               ; mov si,0xa000
        1007: b9 05 00               ; mov cx,0x5
        100a: f3 6e                  ; rep outs dx,BYTE PTR ds:[si]
        100c: b9 02 00               ; mov cx,0x2
        100f: f3 6f                  ; rep outs dx,WORD PTR ds:[si]
        1011: b9 02 00               ; mov cx,0x2
        1014: 66 f3 6f               ; rep outs dx,DWORD PTR ds:[si]
        1017: 89 36 20 a0            ; mov WORD PTR ds:0xa020,si
        101b: f4                     ; hlt
        """;

    private static final String OUTS_LONG = """
        1000: fc                     ; cld
        1001: ba 34 12 00 00         ; mov edx,0x1234
        1006: be 00 a0 00 00         ; mov esi,0xa000
        100b: b9 05 00 00 00         ; mov ecx,0x5
        1010: f3 6e                  ; rep outs dx,BYTE PTR ds:[rsi]
        1012: b9 02 00 00 00         ; mov ecx,0x2
        1017: 66 f3 6f               ; rep outs dx,WORD PTR ds:[rsi]
        101a: b9 02 00 00 00         ; mov ecx,0x2
        101f: f3 6f                  ; rep outs dx,DWORD PTR ds:[rsi]
        1021: 66 89 34 25 20 a0 00 00 ; mov WORD PTR ds:0xa020,si
        1029: f4                     ; hlt
        """;

    @MachineTest
    void realModeWritesStrings(EngineProvider engine) throws InterruptedException {
        assertWritesStrings(TinyGuest.realMode(engine).code(OUTS_REAL));
    }

    @MachineTest
    void longModeWritesStrings(EngineProvider engine) throws InterruptedException {
        assertWritesStrings(TinyGuest.longMode(engine).code(OUTS_LONG));
    }

    private static void assertWritesStrings(TinyGuest.Builder builder) throws InterruptedException {
        try (TinyGuest guest = builder.build()) {
            RecordingDevice device = guest.recordPorts(0x1234, 4);
            for (int i = 0; i < 0x20; i++) {
                guest.memory().putByte(0xA000 + i, (byte) (i + 1));
            }
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            // an engine may bring one value at a time or several; the device sees the same ones in the same order
            List<Long> values = device.accesses().stream()
                    .flatMap(access -> access.values().stream())
                    .toList();
            assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 0x0706L, 0x0908L, 0x0D0C_0B0AL, 0x1110_0F0EL), values);
            assertEquals(0xA011, guest.memory().getShort(0xA020) & 0xFFFF);
        }
    }

    private static final String INS_REAL = """
        1000: fc                     ; cld
        1001: ba 34 12               ; mov dx,0x1234
        1004: bf 00 a0               ; mov di,0xa000
        1007: b9 05 00               ; mov cx,0x5
        100a: f3 6c                  ; rep ins BYTE PTR es:[di],dx
        100c: b9 02 00               ; mov cx,0x2
        100f: f3 6d                  ; rep ins WORD PTR es:[di],dx
        1011: b9 03 00               ; mov cx,0x3
        1014: 66 f3 6d               ; rep ins DWORD PTR es:[di],dx
        1017: 89 3e 20 a0            ; mov WORD PTR ds:0xa020,di
        101b: f4                     ; hlt
        """;

    private static final String INS_LONG = """
        1000: fc                     ; cld
        1001: ba 34 12 00 00         ; mov edx,0x1234
        1006: bf 00 a0 00 00         ; mov edi,0xa000
        100b: b9 05 00 00 00         ; mov ecx,0x5
        1010: f3 6c                  ; rep ins BYTE PTR es:[rdi],dx
        1012: b9 02 00 00 00         ; mov ecx,0x2
        1017: 66 f3 6d               ; rep ins WORD PTR es:[rdi],dx
        101a: b9 03 00 00 00         ; mov ecx,0x3
        101f: f3 6d                  ; rep ins DWORD PTR es:[rdi],dx
        1021: 66 89 3c 25 20 a0 00 00 ; mov WORD PTR ds:0xa020,di
        1029: f4                     ; hlt
        """;

    @MachineTest
    void realModeReadsStringsInOneCall(EngineProvider engine) throws InterruptedException {
        assertReadsStrings(TinyGuest.realMode(engine).code(INS_REAL));
    }

    @MachineTest
    void longModeReadsStringsInOneCall(EngineProvider engine) throws InterruptedException {
        assertReadsStrings(TinyGuest.longMode(engine).code(INS_LONG));
    }

    private static void assertReadsStrings(TinyGuest.Builder builder) throws InterruptedException {
        try (TinyGuest guest = builder.build()) {
            RecordingDevice device = guest.recordPorts(0x1234, 4)
                    .answer(0x11, 0x22, 0x33, 0x44, 0x55, 0x7766, 0x9988, 0x0101_0101, 0x0202_0202, 0x8303_0303L);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    List.of(
                            new Access(false, 0, 1, 5, List.of(0x11L, 0x22L, 0x33L, 0x44L, 0x55L)),
                            new Access(false, 0, 2, 2, List.of(0x7766L, 0x9988L)),
                            new Access(false, 0, 4, 3, List.of(0x0101_0101L, 0x0202_0202L, 0x8303_0303L))),
                    device.accesses());
            assertEquals(0x7766_5544_3322_11L, guest.memory().getLong(0xA000) & 0xFF_FFFF_FFFF_FFFFL);
            assertEquals((short) 0x9988, guest.memory().getShort(0xA007));
            assertEquals(0x0202_0202_0101_0101L, guest.memory().getLong(0xA009));
            assertEquals(0x8303_0303, guest.memory().getInt(0xA011));
            assertEquals(0xA015, guest.memory().getShort(0xA020) & 0xFFFF);
        }
    }

    private static final String INS_LARGE = """
        1000: fc                     ; cld
        1001: ba 34 12               ; mov dx,0x1234
        1004: bf ff af               ; mov di,0xafff
        1007: b9 b8 0b               ; mov cx,0xbb8
        100a: f3 6c                  ; rep ins BYTE PTR es:[di],dx
        100c: fd                     ; std
        100d: b9 03 00               ; mov cx,0x3
        1010: f3 6c                  ; rep ins BYTE PTR es:[di],dx
        1012: f4                     ; hlt
        """;

    /** A string is split at the page's end at the latest; what is read backwards may come one by one. */
    @MachineTest
    void aLongStringComesInPieces(EngineProvider engine) throws InterruptedException {
        try (TinyGuest guest = TinyGuest.realMode(engine).code(INS_LARGE).build()) {
            long[] answers = new long[3003];
            for (int i = 0; i < answers.length; i++) {
                answers[i] = i % 251;
            }
            RecordingDevice device = guest.recordPorts(0x1234, 1).answer(answers);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(
                    3003, device.accesses().stream().mapToInt(Access::count).sum());
            for (int i = 0; i < 2998; i++) {
                assertEquals((byte) (i % 251), guest.memory().getByte(0xAFFF + i));
            }
            assertEquals((byte) (3000 % 251), guest.memory().getByte(0xAFFF + 3000));
            assertEquals((byte) (3001 % 251), guest.memory().getByte(0xAFFF + 2999));
        }
    }
}
