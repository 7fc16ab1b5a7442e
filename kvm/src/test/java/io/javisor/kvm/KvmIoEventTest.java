package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.event.EventFd;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Doorbells: writes that signal an eventfd and do not leave the kernel. */
@KvmTest
class KvmIoEventTest {
    private static final EngineProvider KVM = new KvmEngineProvider();

    private static final String PORT_DOORBELLS = """
        1000: ba 34 12 00 00         ; mov edx,0x1234
        1005: b8 01 00 00 00         ; mov eax,0x1
        100a: 66 ef                  ; out dx,ax
        100c: 66 ef                  ; out dx,ax
        100e: b8 02 00 00 00         ; mov eax,0x2
        1013: 66 ef                  ; out dx,ax
        1015: ee                     ; out dx,al
        1016: b8 01 00 00 00         ; mov eax,0x1
        101b: ef                     ; out dx,eax
        101c: f4                     ; hlt
        """;

    @Test
    void aPortDoorbellMatchesWidthAndValue() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(PORT_DOORBELLS).build();
                EventFd bell = EventFd.create("bell")) {
            RecordingDevice device = guest.recordPorts(0x1234, 4);
            KvmParts.vm(guest).ioEvents().assignPio(0x1234, 2, bell.fd().value(), 1);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(2, bell.drain());
            assertEquals(
                    List.of(Access.write(0, 2, 2), Access.write(0, 1, 2), Access.write(0, 4, 1)), device.accesses());
            KvmParts.vm(guest).ioEvents().deassignPio(0x1234, 2, bell.fd().value(), 1);
            guest.reset();
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(0, bell.drain());
            assertEquals(8, device.accesses().size());
        }
    }

    private static final String MEMORY_DOORBELLS = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: c7 03 07 00 00 00      ; mov DWORD PTR [rbx],0x7
        100b: c7 03 08 00 00 00      ; mov DWORD PTR [rbx],0x8
        1011: 66 c7 03 07 00         ; mov WORD PTR [rbx],0x7
        1016: c6 43 10 01            ; mov BYTE PTR [rbx+0x10],0x1
        101a: 66 c7 43 10 02 00      ; mov WORD PTR [rbx+0x10],0x2
        1020: c7 43 10 03 00 00 00   ; mov DWORD PTR [rbx+0x10],0x3
        1027: 8b 43 10               ; mov eax,DWORD PTR [rbx+0x10]
        102a: f4                     ; hlt
        """;

    @Test
    void memoryDoorbellsMatchWidthAndValueOrAnything() throws InterruptedException {
        try (TinyGuest guest = TinyGuest.longMode(KVM).code(MEMORY_DOORBELLS).build();
                EventFd matching = EventFd.create("matching");
                EventFd any = EventFd.create("any")) {
            RecordingDevice device = guest.recordMemory(0xD000_0000L, 0x20);
            KvmParts.vm(guest)
                    .ioEvents()
                    .assignMmio(0xD000_0000L, 4, matching.fd().value(), 7);
            KvmParts.vm(guest).ioEvents().assignMmio(0xD000_0010L, 0, any.fd().value());
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(1, matching.drain());
            assertEquals(3, any.drain());
            assertEquals(
                    List.of(Access.write(0, 4, 8), Access.write(0, 2, 7), Access.read(0x10, 4, 0)), device.accesses());
        }
    }
}
