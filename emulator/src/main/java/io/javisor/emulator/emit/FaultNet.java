package io.javisor.emulator.emit;

import io.javisor.core.host.FaultSignals;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.HexFormat;

/**
 * Catches the host processor's faults in emitted code: a net, not a path, for nothing that is emitted faults by design. A handler in machine
 * code stands before the JVM's; where the faulting address is in guarded code it lets the thread go on at that code's exit, all else
 * it hands to the JVM's handler. Process-wide, installed with the first guard, and never taken away.
 *
 * <p>The exit is entered with all registers as they were but rsp, which is 24 bytes lower: there are the signal's number, the address that
 * was not to be accessed, and the address of the faulting instruction, 8 bytes each. Guarded code does not use the stack's red zone.
 */
final class FaultNet {
    /** As many as there may be: two for each vCPU of the process. */
    private static final int CAPACITY = 1 << 16;

    // The table: how many of its entries are looked at, then the entries of start, end (0: none) and exit.
    private static final int ENTRY_SIZE = 32;
    private static final int END_OFFSET = 8;
    private static final int EXIT_OFFSET = 16;
    private static final int TABLE_SIZE = ENTRY_SIZE * (CAPACITY + 1);

    /** In {@link #HANDLER}: where the table's address and that of the handlers before are put. */
    private static final int TABLE_IN_HANDLER = 0x9;

    private static final int BEFORE_IN_HANDLER = 0x64;

    // handler(rdi = signal, rsi = siginfo_t, rdx = ucontext_t); offsets of sys/ucontext.h and bits/types/siginfo_t.h.
    // The end is read again after the rest: an entry may be another's by then.
    private static final String HANDLER = """
        48 8b 82 a8 00 00 00           ;        mov    rax,[rdx+0xa8]      # gregs[REG_RIP]
        49 b8 00 00 00 00 00 00 00 00  ;        movabs r8,table
        49 8b 08                       ;        mov    rcx,[r8]
        49 83 c0 20                    ; scan:  add    r8,32
        48 83 e9 01                    ;        sub    rcx,1
        72 44                          ;        jb     away
        4d 8b 48 08                    ;        mov    r9,[r8+8]
        4c 39 c8                       ;        cmp    rax,r9
        73 ed                          ;        jae    scan
        49 3b 00                       ;        cmp    rax,[r8]
        72 e8                          ;        jb     scan
        4d 8b 50 10                    ;        mov    r10,[r8+16]
        4d 3b 48 08                    ;        cmp    r9,[r8+8]
        75 de                          ;        jne    scan
        4c 8b 9a a0 00 00 00           ;        mov    r11,[rdx+0xa0]      # gregs[REG_RSP]
        49 89 43 f8                    ;        mov    [r11-8],rax
        48 8b 4e 10                    ;        mov    rcx,[rsi+16]        # si_addr
        49 89 4b f0                    ;        mov    [r11-16],rcx
        89 f9                          ;        mov    ecx,edi
        49 89 4b e8                    ;        mov    [r11-24],rcx
        49 83 eb 18                    ;        sub    r11,24
        4c 89 9a a0 00 00 00           ;        mov    [rdx+0xa0],r11
        4c 89 92 a8 00 00 00           ;        mov    [rdx+0xa8],r10
        c3                             ;        ret
        49 b8 00 00 00 00 00 00 00 00  ; away:  movabs r8,before
        89 f8                          ;        mov    eax,edi
        41 ff 24 c0                    ;        jmp    [r8+rax*8]
        """;

    private static final int PAGE_SIZE = 4096;

    private static final MemorySegment TABLE = install();
    private static final BitSet USED = new BitSet(); // guarded by itself

    private FaultNet() {}

    /** A stretch of code that is guarded until this is closed, when nobody runs it any more. */
    static final class Guard implements AutoCloseable {
        private int entry;

        private Guard(int entry) {
            this.entry = entry;
        }

        /** Does nothing the second time. */
        @Override
        public void close() {
            synchronized (USED) {
                if (entry > 0) {
                    set(entry, END_OFFSET, 0);
                    USED.clear(entry);
                    entry = 0;
                }
            }
        }
    }

    /**
     * Guards code.
     *
     * @param startHva its first byte
     * @param endHva after its last byte
     * @param exitHva where a thread goes on that faulted in it
     */
    static Guard guard(long startHva, long endHva, long exitHva) {
        synchronized (USED) {
            int entry = USED.nextClearBit(1);
            if (entry > CAPACITY) {
                throw new HostException("more than " + CAPACITY / 2 + " vCPUs in a process", 0);
            }
            USED.set(entry);
            set(entry, 0, startHva);
            set(entry, EXIT_OFFSET, exitHva);
            set(entry, END_OFFSET, endHva); // a release: whoever sees the end sees the others
            VarHandle.releaseFence();
            TABLE.set(ValueLayout.JAVA_LONG, 0, USED.length() - 1L);
            return new Guard(entry);
        }
    }

    private static void set(int entry, int offset, long value) {
        VarHandle.releaseFence();
        TABLE.set(ValueLayout.JAVA_LONG, (long) entry * ENTRY_SIZE + offset, value);
    }

    private static MemorySegment install() {
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        int flags = HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS | HostConstants.MAP_NORESERVE;
        int size = TABLE_SIZE + PAGE_SIZE;
        MemorySegment memory = Libc.segmentAt(Libc.check("mmap", Libc.mmap(0, size, protection, flags, -1, 0)), size);
        MemorySegment before = memory.asSlice(TABLE_SIZE, FaultSignals.COUNT * 8L);
        CodeMemory code = CodeMemory.map(PAGE_SIZE);
        // Not the copy that takes an array: for its pattern switch the JDK makes a class at each start.
        code.bytes().copyFrom(MemorySegment.ofArray(handler()));
        code.bytes().set(ValueLayout.JAVA_LONG_UNALIGNED, TABLE_IN_HANDLER, memory.address());
        code.bytes().set(ValueLayout.JAVA_LONG_UNALIGNED, BEFORE_IN_HANDLER, before.address());
        FaultSignals.putBefore(code.executableHva(0), before);
        return memory;
    }

    private static byte[] handler() {
        StringBuilder hex = new StringBuilder();
        HANDLER.lines().forEach(line -> hex.append(line, 0, line.indexOf(';')));
        return HexFormat.of().parseHex(hex.toString().replace(" ", ""));
    }
}
