package io.javisor.gdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.engine.DebugRequest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What packets do, and what they are answered. */
class SessionTest {
    private final StandInMachine machine = new StandInMachine(2);
    private final Session session = new Session(machine);

    @AfterEach
    void close() {
        machine.close();
    }

    @BeforeEach
    void stopsWhenAskedForItsState() throws InterruptedException {
        assertTrue(machine.running);
        assertEquals("OK", say("Hg0"));
        assertTrue(machine.running, "only the question for the state stops it");
        assertEquals("T05thread:1;", say("?"));
        assertFalse(machine.running);
    }

    private @Nullable String say(String packet) throws InterruptedException {
        byte[] answer = session.handle(Packets.text(packet));
        return answer == null ? null : Packets.text(answer);
    }

    private static String told(byte @Nullable [] answer) {
        return Packets.text(Objects.requireNonNull(answer));
    }

    private String ask(String packet) throws InterruptedException {
        return told(session.handle(Packets.text(packet)));
    }

    @Test
    void featuresAreTold() throws InterruptedException {
        assertEquals(
                "PacketSize=4000;QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+",
                say("qSupported:multiprocess+;swbreak+;xmlRegisters=i386"));
        assertFalse(session.withoutAck());
        assertEquals("OK", say("QStartNoAckMode"));
        assertTrue(session.withoutAck());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "!",
                "vMustReplyEmpty",
                "qTStatus",
                "qSymbol::",
                "vFile:open:",
                "R00",
                "Z2,0,1",
                "b",
                "QNonStop:1"
            })
    void whatIsNotKnownIsAnsweredByNothing(String packet) throws InterruptedException {
        assertEquals("", say(packet));
    }

    @Test
    void theDescriptionComesInPieces() throws InterruptedException {
        StringBuilder xml = new StringBuilder();
        String piece;
        do {
            piece = ask("qXfer:features:read:target.xml:" + Integer.toHexString(xml.length()) + ",3f0");
            xml.append(piece, 1, piece.length());
        } while (piece.charAt(0) == 'm');
        assertEquals(TargetDescription.XML, xml.toString());
        assertEquals("l", say("qXfer:features:read:target.xml:fffff,10"));
        assertEquals("", say("qXfer:features:read:other.xml:0,10"));
    }

    @Test
    void threadsAreTheVcpus() throws InterruptedException {
        assertEquals("m1,2", say("qfThreadInfo"));
        assertEquals("l", say("qsThreadInfo"));
        assertEquals("QC1", say("qC"));
        assertEquals("OK", say("T2"));
        assertEquals("E16", say("T3"));
        assertEquals("OK", say("Hg2"));
        assertEquals("QC2", say("qC"));
        assertEquals("E16", say("Hg3"));
        assertEquals("OK", say("Hc-1"));
        assertEquals(hex("vCPU 1, halted"), say("qThreadExtraInfo,2"));
        assertEquals("E16", say("qThreadExtraInfo,0"));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(Packets.text(text));
    }

    @Test
    void registersAreReadAndSet() throws InterruptedException {
        assertEquals("0010000000000000", say("p10"));
        assertEquals("02000000", say("p11"));
        assertEquals("08000000", say("p12"));
        assertEquals("OK", say("P0=8877665544332211"));
        assertEquals(
                0x1122334455667788L,
                machine.vcpus.getFirst().registers().general().rax());
        assertEquals("OK", say("P6=0100000000000000"));
        assertEquals(1, machine.vcpus.getFirst().registers().general().rbp());
        assertEquals(0x8000, machine.vcpus.getFirst().registers().general().rsp());
        say("Hg2");
        assertEquals("0110000000000000", say("p10"));
    }

    @Test
    void systemRegistersAreThereToo() throws InterruptedException {
        assertEquals("2211000000000000", say("p" + number("k_gs_base")));
        assertEquals("0090000000000000", say("p" + number("cr3")));
        assertEquals("OK", say("P" + number("cr3") + "=00a0000000000000"));
        assertEquals(0xA000, machine.vcpus.getFirst().registers().system().cr3());
        assertEquals("OK", say("P" + number("gs_base") + "=0000008000000000"));
        assertEquals(
                0x8000_0000L, machine.vcpus.getFirst().registers().system().gs().base());
        assertEquals(0x10, machine.vcpus.getFirst().registers().system().gs().selector());
    }

    private static String number(String name) {
        for (int i = 0; i < TargetDescription.REGISTERS.size(); i++) {
            if (TargetDescription.REGISTERS.get(i).name().equals(name)) {
                return Integer.toHexString(i);
            }
        }
        throw new AssertionError(name);
    }

    @Test
    void aRegisterThatIsForReadingKeepsItsValue() throws InterruptedException {
        assertEquals("OK", say("P12=08000000"));
        assertEquals("E16", say("P12=10000000"));
        assertEquals("E16", say("P" + number("xmm0") + "=01" + "00".repeat(15)));
    }

    @Test
    void allRegistersAreReadAndSetAtOnce() throws InterruptedException {
        String all = ask("g");
        int bytes = TargetDescription.REGISTERS.stream()
                .mapToInt(Register::sizeBytes)
                .sum();
        assertEquals(2 * bytes, all.length());
        assertEquals("OK", say("G" + "ff".repeat(8) + all.substring(16)));
        assertEquals(-1, machine.vcpus.getFirst().registers().general().rax());
        assertEquals("E16", say("G" + all.substring(2)));
        assertEquals("E16", say("p" + Integer.toHexString(TargetDescription.REGISTERS.size())));
    }

    @Test
    void floatingPointIsThatOfTheSaveArea() throws InterruptedException {
        assertEquals("7f030000", say("p" + number("fctrl")), "not in use: as after FNINIT");
        assertEquals("ffff0000", say("p" + number("ftag")));
        byte[] xsave = machine.vcpus.getFirst().xsave;
        xsave[512] = 3; // XSTATE_BV
        xsave[0] = 0x7F;
        xsave[1] = 2;
        xsave[3] = 7 << 3; // TOP
        xsave[4] = (byte) 0x80; // physical register 7 is in use
        Arrays.fill(xsave, 32, 40, (byte) 0x80);
        xsave[40] = (byte) 0xFF;
        xsave[41] = 0x3F;
        xsave[160] = 0x5A;
        assertEquals("7f020000", say("p" + number("fctrl")));
        assertEquals("8080808080808080ff3f", say("p" + number("st0")));
        assertEquals("ff3f0000", say("p" + number("ftag")), "7 valid, the others empty");
        assertEquals("5a" + "00".repeat(15), say("p" + number("xmm0")));
    }

    @Test
    void memoryIsReadAndWrittenByTheGuestsPageTables() throws InterruptedException {
        machine.memory.putInt(0xFFC, 0x04030201);
        assertEquals("01020304", say("mffc,4"));
        assertEquals("01020304", say("mffc,100"), "as much as is there");
        assertEquals("E0e", say("m1000,4"));
        assertEquals("OK", say("M" + Long.toHexString(StandInMachine.HIGH) + ",2:a55a"));
        assertEquals(0x5AA5, machine.memory.getShort(0x1000));
        assertEquals("E0e", say("Mffe,4:11223344"));
        assertEquals(4, machine.memory.getByte(0xFFF), "all or nothing");
        assertEquals("", say("m10,0"));
    }

    @Test
    void binaryMemoryHasEscapes() throws InterruptedException {
        byte[] escaped = Packets.escape(new byte[] {'#', '$', '}', '*', 0, (byte) 0xFF});
        byte[] packet = new byte[escaped.length + 6];
        System.arraycopy(Packets.text("X10,6:"), 0, packet, 0, 6);
        System.arraycopy(escaped, 0, packet, 6, escaped.length);
        assertEquals("OK", told(session.handle(packet)));
        assertEquals("23247d2a00ff", say("m10,6"));
        assertEquals("OK", say("X0,0:"), "a client asks so whether there is this packet");
        assertEquals("E16", say("X10,6:abc"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "m",
                "m10",
                "mzz,1",
                "m10,ffffffff",
                "m10,80000000",
                "M10,2:a5",
                "M10,2",
                "M10,2:zz",
                "X",
                "G12",
                "P",
                "Pfff=00",
                "P0=12",
                "Z0",
                "Z0,x,1",
                "z0,,",
                "vCont;",
                "vCont;x",
                "vCont;c:9",
                "vCont;t",
                "H",
                "Hx1",
                "Hg",
                "T",
                "Tx",
                "qXfer:features:read:target.xml:",
                "qXfer:features:read:target.xml:0",
                "cff",
                "Cx",
                "pffffffff",
                "qThreadExtraInfo,"
            })
    void whatMakesNoSenseIsAnError(String packet) throws InterruptedException {
        assertEquals("E16", say(packet));
        assertFalse(machine.running);
    }

    @Test
    void vcpusGoOnTogether() throws InterruptedException {
        assertEquals("OK", say("Z0,2000,1"));
        assertNull(say("vCont;c"));
        assertTrue(machine.running);
        DebugRequest request = new DebugRequest(false, List.of(0x2000L));
        assertEquals(List.of(request, request), machine.requests);
        assertEquals("E16", say("g"), "it runs");
        assertEquals("E16", say("vCont;c"));
    }

    @Test
    void oneVcpuStepsAndTheOthersGoOnOrNot() throws InterruptedException {
        DebugRequest step = new DebugRequest(true, List.of());
        assertNull(say("vCont;s:2;c"));
        assertEquals(List.of(DebugRequest.NONE, step), machine.requests);
        assertEquals("T05thread:2;", told(session.stopped(1)));
        assertFalse(machine.running);
        assertEquals("QC2", say("qC"));
        assertNull(say("vCont;S05:1"));
        assertEquals(Arrays.asList(step, null), machine.requests);
    }

    @Test
    void clientsWithoutVContStepToo() throws InterruptedException {
        assertEquals("OK", say("Hg2"));
        assertNull(say("s"));
        assertEquals(List.of(DebugRequest.NONE, new DebugRequest(true, List.of())), machine.requests);
        assertEquals("T05thread:2;", told(session.stopped(1)));
        assertNull(say("c"));
        assertEquals(List.of(DebugRequest.NONE, DebugRequest.NONE), machine.requests);
    }

    @ParameterizedTest
    @CsvSource({"0, swbreak:;", "1, hwbreak:;"})
    void aBreakpointIsToldByItsKind(int type, String reason) throws InterruptedException {
        say("qSupported:swbreak+;hwbreak+");
        assertEquals("OK", say("Z" + type + ",1000,1"));
        assertNull(say("vCont;c"));
        assertEquals("T05thread:1;" + reason, told(session.stopped(0)));
        assertEquals("T05thread:1;" + reason, say("?"), "once more");
        assertEquals("OK", say("z" + type + ",1000,1"));
        assertNull(say("vCont;c"));
        assertEquals(List.of(DebugRequest.NONE, DebugRequest.NONE), machine.requests);
    }

    /** GDB would take it for a breakpoint of long ago, and go on. */
    @Test
    void aBreakpointWithASegmentsBaseBeforeItIsAPlainStop() throws InterruptedException {
        say("qSupported:swbreak+");
        var vcpu = machine.vcpus.getFirst();
        var system = vcpu.registers().system();
        vcpu.setRegisters(new CpuRegisters(
                vcpu.registers().general(),
                new SystemRegisters(
                        SegmentState.realModeCode(0x1000),
                        system.ds(),
                        system.es(),
                        system.fs(),
                        system.gs(),
                        system.ss(),
                        system.tr(),
                        system.ldt(),
                        system.gdt(),
                        system.idt(),
                        0x10,
                        0,
                        0,
                        0,
                        0,
                        0,
                        system.apicBase())));
        say("Z0,11000,1");
        say("vCont;c");
        assertEquals("T05thread:1;", told(session.stopped(0)));
    }

    @Test
    void thereIsRoomForSoManyBreakpoints() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            assertEquals("OK", say("Z0," + i + ",1"));
        }
        assertEquals("E1c", say("Z0,4,1"));
        assertEquals("OK", say("Z1,3,1"), "the same place");
        assertEquals("OK", say("z0,0,1"));
        assertEquals("OK", say("Z1,4,1"));
    }

    @Test
    void anInterruptStopsAGuestThatRuns() throws InterruptedException {
        assertNull(session.interrupted());
        say("vCont;c");
        assertEquals("T02thread:1;", told(session.interrupted()));
        assertFalse(machine.running);
        assertNull(session.stopped(1), "it was stopped meanwhile");
    }

    @Test
    void theEndIsToldToWhoWaitsForIt() throws InterruptedException {
        say("vCont;c");
        assertEquals("W00", told(session.ended()));
        assertTrue(session.over());
    }

    @Test
    void theEndOfAStoppedMachineIsToldWithTheNextPacket() throws InterruptedException {
        machine.ended = true;
        assertEquals("W00", say("g"));
        assertTrue(session.over());
    }

    @Test
    void detachingLetsTheGuestGoOnWithoutBreakpoints() throws InterruptedException {
        say("Z0,2000,1");
        assertEquals("OK", say("D"));
        assertTrue(machine.running);
        assertFalse(session.attached());
        assertTrue(session.everContinued());
        assertEquals(List.of(DebugRequest.NONE, DebugRequest.NONE), machine.requests);
        assertEquals("T05thread:1;", say("?"), "and back");
    }

    @Test
    void killingPullsThePlug() throws InterruptedException {
        assertEquals("OK", say("vKill;1"));
        assertTrue(machine.killed);
        assertTrue(session.over());
    }

    @Test
    void killingNeedsNoAnswer() throws InterruptedException {
        assertNull(say("k"));
        assertTrue(machine.killed);
    }

    @Test
    void whateverIsSaidNothingIsThrown() throws InterruptedException {
        Random random = new Random(11);
        String starts = "?gGpPmMXHTZzcsCSvqQDk";
        String rest = "0123456789abcdef,:;=-+xzgc}#\0\377vContqXfer";
        for (int run = 0; run < 20_000; run++) {
            StringBuilder packet = new StringBuilder();
            packet.append(starts.charAt(random.nextInt(starts.length())));
            for (int i = random.nextInt(24); i > 0; i--) {
                packet.append(rest.charAt(random.nextInt(rest.length())));
            }
            byte[] answer = session.handle(Packets.text(packet.toString()));
            if (answer != null) {
                assertTrue(answer.length <= Session.PACKET_SIZE, packet::toString);
            }
        }
    }
}
