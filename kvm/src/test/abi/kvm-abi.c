// SPDX-License-Identifier: Apache-2.0
/*
 * Prints what the layout classes of io.javisor.kvm.abi claim, from the kernel's own headers: one "name value" a line.
 * The checked-in output is kvm-abi.golden; to make it anew:
 *
 *     gcc -Wall -Wextra -o kvm-abi kvm-abi.c && ./kvm-abi > ../resources/io/javisor/kvm/abi/kvm-abi.golden
 *
 * Needs the headers of Linux 6.1 or later (Debian: linux-libc-dev).
 */
#include <stddef.h>
#include <stdio.h>

#include <linux/kvm.h>

#define SIZE(type) printf(#type ".SIZE %zu\n", sizeof(struct type))
#define FIELD(type, field, name) printf(#type "." #name "_OFFSET %zu\n", offsetof(struct type, field))
#define COUNT(type, field, name) \
    printf(#type "." #name "_COUNT %zu\n", sizeof(((struct type *)0)->field) / sizeof(((struct type *)0)->field[0]))
#define VALUE(name) printf(#name " %llu\n", (unsigned long long)(name))

static void structs(void)
{
    SIZE(kvm_userspace_memory_region);
    FIELD(kvm_userspace_memory_region, slot, slot);
    FIELD(kvm_userspace_memory_region, flags, flags);
    FIELD(kvm_userspace_memory_region, guest_phys_addr, guest_phys_addr);
    FIELD(kvm_userspace_memory_region, memory_size, memory_size);
    FIELD(kvm_userspace_memory_region, userspace_addr, userspace_addr);

    SIZE(kvm_regs);
    FIELD(kvm_regs, rax, rax);
    FIELD(kvm_regs, rbx, rbx);
    FIELD(kvm_regs, rcx, rcx);
    FIELD(kvm_regs, rdx, rdx);
    FIELD(kvm_regs, rsi, rsi);
    FIELD(kvm_regs, rdi, rdi);
    FIELD(kvm_regs, rsp, rsp);
    FIELD(kvm_regs, rbp, rbp);
    FIELD(kvm_regs, r8, r8);
    FIELD(kvm_regs, r9, r9);
    FIELD(kvm_regs, r10, r10);
    FIELD(kvm_regs, r11, r11);
    FIELD(kvm_regs, r12, r12);
    FIELD(kvm_regs, r13, r13);
    FIELD(kvm_regs, r14, r14);
    FIELD(kvm_regs, r15, r15);
    FIELD(kvm_regs, rip, rip);
    FIELD(kvm_regs, rflags, rflags);

    SIZE(kvm_segment);
    FIELD(kvm_segment, base, base);
    FIELD(kvm_segment, limit, limit);
    FIELD(kvm_segment, selector, selector);
    FIELD(kvm_segment, type, type);
    FIELD(kvm_segment, present, present);
    FIELD(kvm_segment, dpl, dpl);
    FIELD(kvm_segment, db, db);
    FIELD(kvm_segment, s, s);
    FIELD(kvm_segment, l, l);
    FIELD(kvm_segment, g, g);
    FIELD(kvm_segment, avl, avl);
    FIELD(kvm_segment, unusable, unusable);

    SIZE(kvm_dtable);
    FIELD(kvm_dtable, base, base);
    FIELD(kvm_dtable, limit, limit);

    SIZE(kvm_sregs);
    FIELD(kvm_sregs, cs, cs);
    FIELD(kvm_sregs, ds, ds);
    FIELD(kvm_sregs, es, es);
    FIELD(kvm_sregs, fs, fs);
    FIELD(kvm_sregs, gs, gs);
    FIELD(kvm_sregs, ss, ss);
    FIELD(kvm_sregs, tr, tr);
    FIELD(kvm_sregs, ldt, ldt);
    FIELD(kvm_sregs, gdt, gdt);
    FIELD(kvm_sregs, idt, idt);
    FIELD(kvm_sregs, cr0, cr0);
    FIELD(kvm_sregs, cr2, cr2);
    FIELD(kvm_sregs, cr3, cr3);
    FIELD(kvm_sregs, cr4, cr4);
    FIELD(kvm_sregs, cr8, cr8);
    FIELD(kvm_sregs, efer, efer);
    FIELD(kvm_sregs, apic_base, apic_base);
    FIELD(kvm_sregs, interrupt_bitmap, interrupt_bitmap);
    COUNT(kvm_sregs, interrupt_bitmap, interrupt_bitmap);

    SIZE(kvm_sregs2);
    FIELD(kvm_sregs2, cs, cs);
    FIELD(kvm_sregs2, ds, ds);
    FIELD(kvm_sregs2, es, es);
    FIELD(kvm_sregs2, fs, fs);
    FIELD(kvm_sregs2, gs, gs);
    FIELD(kvm_sregs2, ss, ss);
    FIELD(kvm_sregs2, tr, tr);
    FIELD(kvm_sregs2, ldt, ldt);
    FIELD(kvm_sregs2, gdt, gdt);
    FIELD(kvm_sregs2, idt, idt);
    FIELD(kvm_sregs2, cr0, cr0);
    FIELD(kvm_sregs2, cr2, cr2);
    FIELD(kvm_sregs2, cr3, cr3);
    FIELD(kvm_sregs2, cr4, cr4);
    FIELD(kvm_sregs2, cr8, cr8);
    FIELD(kvm_sregs2, efer, efer);
    FIELD(kvm_sregs2, apic_base, apic_base);
    FIELD(kvm_sregs2, flags, flags);
    FIELD(kvm_sregs2, pdptrs, pdptrs);
    COUNT(kvm_sregs2, pdptrs, pdptrs);

    SIZE(kvm_fpu);
    FIELD(kvm_fpu, fpr, fpr);
    FIELD(kvm_fpu, fcw, fcw);
    FIELD(kvm_fpu, fsw, fsw);
    FIELD(kvm_fpu, ftwx, ftwx);
    FIELD(kvm_fpu, last_opcode, last_opcode);
    FIELD(kvm_fpu, last_ip, last_ip);
    FIELD(kvm_fpu, last_dp, last_dp);
    FIELD(kvm_fpu, xmm, xmm);
    FIELD(kvm_fpu, mxcsr, mxcsr);

    SIZE(kvm_xsave);
    FIELD(kvm_xsave, region, region);
    COUNT(kvm_xsave, region, region);

    SIZE(kvm_xcr);
    FIELD(kvm_xcr, xcr, xcr);
    FIELD(kvm_xcr, value, value);

    SIZE(kvm_xcrs);
    FIELD(kvm_xcrs, nr_xcrs, nr_xcrs);
    FIELD(kvm_xcrs, flags, flags);
    FIELD(kvm_xcrs, xcrs, xcrs);
    COUNT(kvm_xcrs, xcrs, xcrs);

    SIZE(kvm_msr_entry);
    FIELD(kvm_msr_entry, index, index);
    FIELD(kvm_msr_entry, data, data);

    SIZE(kvm_msrs);
    FIELD(kvm_msrs, nmsrs, nmsrs);
    FIELD(kvm_msrs, entries, entries);

    SIZE(kvm_msr_list);
    FIELD(kvm_msr_list, nmsrs, nmsrs);
    FIELD(kvm_msr_list, indices, indices);

    SIZE(kvm_lapic_state);
    FIELD(kvm_lapic_state, regs, regs);
    COUNT(kvm_lapic_state, regs, regs);

    SIZE(kvm_vcpu_events);
    FIELD(kvm_vcpu_events, exception.injected, exception_injected);
    FIELD(kvm_vcpu_events, exception.nr, exception_nr);
    FIELD(kvm_vcpu_events, exception.has_error_code, exception_has_error_code);
    FIELD(kvm_vcpu_events, exception.pending, exception_pending);
    FIELD(kvm_vcpu_events, exception.error_code, exception_error_code);
    FIELD(kvm_vcpu_events, interrupt.injected, interrupt_injected);
    FIELD(kvm_vcpu_events, interrupt.nr, interrupt_nr);
    FIELD(kvm_vcpu_events, interrupt.soft, interrupt_soft);
    FIELD(kvm_vcpu_events, interrupt.shadow, interrupt_shadow);
    FIELD(kvm_vcpu_events, nmi.injected, nmi_injected);
    FIELD(kvm_vcpu_events, nmi.pending, nmi_pending);
    FIELD(kvm_vcpu_events, nmi.masked, nmi_masked);
    FIELD(kvm_vcpu_events, sipi_vector, sipi_vector);
    FIELD(kvm_vcpu_events, flags, flags);
    FIELD(kvm_vcpu_events, smi.smm, smi_smm);
    FIELD(kvm_vcpu_events, smi.pending, smi_pending);
    FIELD(kvm_vcpu_events, smi.smm_inside_nmi, smi_smm_inside_nmi);
    FIELD(kvm_vcpu_events, smi.latched_init, smi_latched_init);
    FIELD(kvm_vcpu_events, triple_fault.pending, triple_fault_pending);
    FIELD(kvm_vcpu_events, exception_has_payload, exception_has_payload);
    FIELD(kvm_vcpu_events, exception_payload, exception_payload);

    SIZE(kvm_debugregs);
    FIELD(kvm_debugregs, db, db);
    COUNT(kvm_debugregs, db, db);
    FIELD(kvm_debugregs, dr6, dr6);
    FIELD(kvm_debugregs, dr7, dr7);
    FIELD(kvm_debugregs, flags, flags);

    SIZE(kvm_mp_state);
    FIELD(kvm_mp_state, mp_state, mp_state);

    SIZE(kvm_cpuid_entry2);
    FIELD(kvm_cpuid_entry2, function, function);
    FIELD(kvm_cpuid_entry2, index, index);
    FIELD(kvm_cpuid_entry2, flags, flags);
    FIELD(kvm_cpuid_entry2, eax, eax);
    FIELD(kvm_cpuid_entry2, ebx, ebx);
    FIELD(kvm_cpuid_entry2, ecx, ecx);
    FIELD(kvm_cpuid_entry2, edx, edx);

    SIZE(kvm_cpuid2);
    FIELD(kvm_cpuid2, nent, nent);
    FIELD(kvm_cpuid2, entries, entries);

    SIZE(kvm_irq_level);
    FIELD(kvm_irq_level, irq, irq);
    FIELD(kvm_irq_level, level, level);

    SIZE(kvm_irqfd);
    FIELD(kvm_irqfd, fd, fd);
    FIELD(kvm_irqfd, gsi, gsi);
    FIELD(kvm_irqfd, flags, flags);
    FIELD(kvm_irqfd, resamplefd, resamplefd);

    SIZE(kvm_ioeventfd);
    FIELD(kvm_ioeventfd, datamatch, datamatch);
    FIELD(kvm_ioeventfd, addr, addr);
    FIELD(kvm_ioeventfd, len, len);
    FIELD(kvm_ioeventfd, fd, fd);
    FIELD(kvm_ioeventfd, flags, flags);

    SIZE(kvm_irq_routing_entry);
    FIELD(kvm_irq_routing_entry, gsi, gsi);
    FIELD(kvm_irq_routing_entry, type, type);
    FIELD(kvm_irq_routing_entry, flags, flags);
    FIELD(kvm_irq_routing_entry, u.irqchip.irqchip, u_irqchip_irqchip);
    FIELD(kvm_irq_routing_entry, u.irqchip.pin, u_irqchip_pin);
    FIELD(kvm_irq_routing_entry, u.msi.address_lo, u_msi_address_lo);
    FIELD(kvm_irq_routing_entry, u.msi.address_hi, u_msi_address_hi);
    FIELD(kvm_irq_routing_entry, u.msi.data, u_msi_data);
    FIELD(kvm_irq_routing_entry, u.msi.devid, u_msi_devid);

    SIZE(kvm_irq_routing);
    FIELD(kvm_irq_routing, nr, nr);
    FIELD(kvm_irq_routing, flags, flags);
    FIELD(kvm_irq_routing, entries, entries);

    SIZE(kvm_msi);
    FIELD(kvm_msi, address_lo, address_lo);
    FIELD(kvm_msi, address_hi, address_hi);
    FIELD(kvm_msi, data, data);
    FIELD(kvm_msi, flags, flags);
    FIELD(kvm_msi, devid, devid);

    SIZE(kvm_clock_data);
    FIELD(kvm_clock_data, clock, clock);
    FIELD(kvm_clock_data, flags, flags);
    FIELD(kvm_clock_data, realtime, realtime);
    FIELD(kvm_clock_data, host_tsc, host_tsc);

    SIZE(kvm_pic_state);
    FIELD(kvm_pic_state, last_irr, last_irr);
    FIELD(kvm_pic_state, irr, irr);
    FIELD(kvm_pic_state, imr, imr);
    FIELD(kvm_pic_state, isr, isr);
    FIELD(kvm_pic_state, priority_add, priority_add);
    FIELD(kvm_pic_state, irq_base, irq_base);
    FIELD(kvm_pic_state, read_reg_select, read_reg_select);
    FIELD(kvm_pic_state, poll, poll);
    FIELD(kvm_pic_state, special_mask, special_mask);
    FIELD(kvm_pic_state, init_state, init_state);
    FIELD(kvm_pic_state, auto_eoi, auto_eoi);
    FIELD(kvm_pic_state, rotate_on_auto_eoi, rotate_on_auto_eoi);
    FIELD(kvm_pic_state, special_fully_nested_mode, special_fully_nested_mode);
    FIELD(kvm_pic_state, init4, init4);
    FIELD(kvm_pic_state, elcr, elcr);
    FIELD(kvm_pic_state, elcr_mask, elcr_mask);

    SIZE(kvm_ioapic_state);
    FIELD(kvm_ioapic_state, base_address, base_address);
    FIELD(kvm_ioapic_state, ioregsel, ioregsel);
    FIELD(kvm_ioapic_state, id, id);
    FIELD(kvm_ioapic_state, irr, irr);
    FIELD(kvm_ioapic_state, redirtbl, redirtbl);
    COUNT(kvm_ioapic_state, redirtbl, redirtbl);

    SIZE(kvm_irqchip);
    FIELD(kvm_irqchip, chip_id, chip_id);
    FIELD(kvm_irqchip, chip, chip);

    SIZE(kvm_pit_config);
    FIELD(kvm_pit_config, flags, flags);

    SIZE(kvm_reinject_control);
    FIELD(kvm_reinject_control, pit_reinject, pit_reinject);

    SIZE(kvm_pit_channel_state);
    FIELD(kvm_pit_channel_state, count, count);
    FIELD(kvm_pit_channel_state, latched_count, latched_count);
    FIELD(kvm_pit_channel_state, count_latched, count_latched);
    FIELD(kvm_pit_channel_state, status_latched, status_latched);
    FIELD(kvm_pit_channel_state, status, status);
    FIELD(kvm_pit_channel_state, read_state, read_state);
    FIELD(kvm_pit_channel_state, write_state, write_state);
    FIELD(kvm_pit_channel_state, write_latch, write_latch);
    FIELD(kvm_pit_channel_state, rw_mode, rw_mode);
    FIELD(kvm_pit_channel_state, mode, mode);
    FIELD(kvm_pit_channel_state, bcd, bcd);
    FIELD(kvm_pit_channel_state, gate, gate);
    FIELD(kvm_pit_channel_state, count_load_time, count_load_time);

    SIZE(kvm_pit_state2);
    FIELD(kvm_pit_state2, channels, channels);
    COUNT(kvm_pit_state2, channels, channels);
    FIELD(kvm_pit_state2, flags, flags);

    SIZE(kvm_dirty_log);
    FIELD(kvm_dirty_log, slot, slot);
    FIELD(kvm_dirty_log, dirty_bitmap, dirty_bitmap);

    SIZE(kvm_clear_dirty_log);
    FIELD(kvm_clear_dirty_log, slot, slot);
    FIELD(kvm_clear_dirty_log, num_pages, num_pages);
    FIELD(kvm_clear_dirty_log, first_page, first_page);
    FIELD(kvm_clear_dirty_log, dirty_bitmap, dirty_bitmap);

    SIZE(kvm_guest_debug);
    FIELD(kvm_guest_debug, control, control);
    FIELD(kvm_guest_debug, arch.debugreg, arch_debugreg);
    COUNT(kvm_guest_debug, arch.debugreg, arch_debugreg);

    SIZE(kvm_translation);
    FIELD(kvm_translation, linear_address, linear_address);
    FIELD(kvm_translation, physical_address, physical_address);
    FIELD(kvm_translation, valid, valid);
    FIELD(kvm_translation, writeable, writeable);
    FIELD(kvm_translation, usermode, usermode);

    SIZE(kvm_enable_cap);
    FIELD(kvm_enable_cap, cap, cap);
    FIELD(kvm_enable_cap, flags, flags);
    FIELD(kvm_enable_cap, args, args);
    COUNT(kvm_enable_cap, args, args);

    SIZE(kvm_stats_header);
    FIELD(kvm_stats_header, flags, flags);
    FIELD(kvm_stats_header, name_size, name_size);
    FIELD(kvm_stats_header, num_desc, num_desc);
    FIELD(kvm_stats_header, id_offset, id_offset);
    FIELD(kvm_stats_header, desc_offset, desc_offset);
    FIELD(kvm_stats_header, data_offset, data_offset);

    SIZE(kvm_stats_desc);
    FIELD(kvm_stats_desc, flags, flags);
    FIELD(kvm_stats_desc, exponent, exponent);
    FIELD(kvm_stats_desc, size, size);
    FIELD(kvm_stats_desc, offset, offset);
    FIELD(kvm_stats_desc, bucket_size, bucket_size);
    FIELD(kvm_stats_desc, name, name);

    SIZE(kvm_interrupt);
    FIELD(kvm_interrupt, irq, irq);

    SIZE(kvm_run);
    FIELD(kvm_run, request_interrupt_window, request_interrupt_window);
    FIELD(kvm_run, immediate_exit, immediate_exit);
    FIELD(kvm_run, exit_reason, exit_reason);
    FIELD(kvm_run, ready_for_interrupt_injection, ready_for_interrupt_injection);
    FIELD(kvm_run, if_flag, if_flag);
    FIELD(kvm_run, flags, flags);
    FIELD(kvm_run, cr8, cr8);
    FIELD(kvm_run, apic_base, apic_base);
    FIELD(kvm_run, hw.hardware_exit_reason, hw_hardware_exit_reason);
    FIELD(kvm_run, fail_entry.hardware_entry_failure_reason, fail_entry_hardware_entry_failure_reason);
    FIELD(kvm_run, fail_entry.cpu, fail_entry_cpu);
    FIELD(kvm_run, ex.exception, ex_exception);
    FIELD(kvm_run, ex.error_code, ex_error_code);
    FIELD(kvm_run, io.direction, io_direction);
    FIELD(kvm_run, io.size, io_size);
    FIELD(kvm_run, io.port, io_port);
    FIELD(kvm_run, io.count, io_count);
    FIELD(kvm_run, io.data_offset, io_data_offset);
    FIELD(kvm_run, debug.arch.exception, debug_arch_exception);
    FIELD(kvm_run, debug.arch.pc, debug_arch_pc);
    FIELD(kvm_run, debug.arch.dr6, debug_arch_dr6);
    FIELD(kvm_run, debug.arch.dr7, debug_arch_dr7);
    FIELD(kvm_run, mmio.phys_addr, mmio_phys_addr);
    FIELD(kvm_run, mmio.data, mmio_data);
    COUNT(kvm_run, mmio.data, mmio_data);
    FIELD(kvm_run, mmio.len, mmio_len);
    FIELD(kvm_run, mmio.is_write, mmio_is_write);
    FIELD(kvm_run, hypercall.nr, hypercall_nr);
    FIELD(kvm_run, hypercall.args, hypercall_args);
    COUNT(kvm_run, hypercall.args, hypercall_args);
    FIELD(kvm_run, hypercall.ret, hypercall_ret);
    FIELD(kvm_run, hypercall.longmode, hypercall_longmode);
    FIELD(kvm_run, internal.suberror, internal_suberror);
    FIELD(kvm_run, internal.ndata, internal_ndata);
    FIELD(kvm_run, internal.data, internal_data);
    COUNT(kvm_run, internal.data, internal_data);
    FIELD(kvm_run, emulation_failure.flags, emulation_failure_flags);
    FIELD(kvm_run, emulation_failure.insn_size, emulation_failure_insn_size);
    FIELD(kvm_run, emulation_failure.insn_bytes, emulation_failure_insn_bytes);
    COUNT(kvm_run, emulation_failure.insn_bytes, emulation_failure_insn_bytes);
    FIELD(kvm_run, system_event.type, system_event_type);
    FIELD(kvm_run, system_event.ndata, system_event_ndata);
    FIELD(kvm_run, system_event.data, system_event_data);
    COUNT(kvm_run, system_event.data, system_event_data);
    FIELD(kvm_run, eoi.vector, eoi_vector);
    FIELD(kvm_run, msr.error, msr_error);
    FIELD(kvm_run, msr.reason, msr_reason);
    FIELD(kvm_run, msr.index, msr_index);
    FIELD(kvm_run, msr.data, msr_data);
    FIELD(kvm_run, notify.flags, notify_flags);
    FIELD(kvm_run, kvm_valid_regs, kvm_valid_regs);
    FIELD(kvm_run, kvm_dirty_regs, kvm_dirty_regs);
    FIELD(kvm_run, s.regs.regs, s_regs_regs);
    FIELD(kvm_run, s.regs.sregs, s_regs_sregs);
    FIELD(kvm_run, s.regs.events, s_regs_events);
}

static void values(void)
{
    VALUE(KVMIO);
    VALUE(KVM_GET_API_VERSION);
    VALUE(KVM_CREATE_VM);
    VALUE(KVM_GET_MSR_INDEX_LIST);
    VALUE(KVM_CHECK_EXTENSION);
    VALUE(KVM_GET_VCPU_MMAP_SIZE);
    VALUE(KVM_GET_SUPPORTED_CPUID);
    VALUE(KVM_CREATE_VCPU);
    VALUE(KVM_GET_DIRTY_LOG);
    VALUE(KVM_SET_USER_MEMORY_REGION);
    VALUE(KVM_SET_TSS_ADDR);
    VALUE(KVM_SET_IDENTITY_MAP_ADDR);
    VALUE(KVM_CREATE_IRQCHIP);
    VALUE(KVM_IRQ_LINE);
    VALUE(KVM_GET_IRQCHIP);
    VALUE(KVM_SET_IRQCHIP);
    VALUE(KVM_SET_GSI_ROUTING);
    VALUE(KVM_IRQFD);
    VALUE(KVM_CREATE_PIT2);
    VALUE(KVM_REINJECT_CONTROL);
    VALUE(KVM_SET_BOOT_CPU_ID);
    VALUE(KVM_IOEVENTFD);
    VALUE(KVM_SET_CLOCK);
    VALUE(KVM_GET_CLOCK);
    VALUE(KVM_RUN);
    VALUE(KVM_GET_REGS);
    VALUE(KVM_SET_REGS);
    VALUE(KVM_GET_SREGS);
    VALUE(KVM_SET_SREGS);
    VALUE(KVM_TRANSLATE);
    VALUE(KVM_INTERRUPT);
    VALUE(KVM_GET_MSRS);
    VALUE(KVM_SET_MSRS);
    VALUE(KVM_GET_FPU);
    VALUE(KVM_SET_FPU);
    VALUE(KVM_GET_LAPIC);
    VALUE(KVM_SET_LAPIC);
    VALUE(KVM_SET_CPUID2);
    VALUE(KVM_GET_CPUID2);
    VALUE(KVM_GET_MP_STATE);
    VALUE(KVM_SET_MP_STATE);
    VALUE(KVM_NMI);
    VALUE(KVM_SET_GUEST_DEBUG);
    VALUE(KVM_GET_PIT2);
    VALUE(KVM_GET_VCPU_EVENTS);
    VALUE(KVM_SET_PIT2);
    VALUE(KVM_SET_VCPU_EVENTS);
    VALUE(KVM_GET_DEBUGREGS);
    VALUE(KVM_SET_DEBUGREGS);
    VALUE(KVM_SET_TSC_KHZ);
    VALUE(KVM_GET_TSC_KHZ);
    VALUE(KVM_ENABLE_CAP);
    VALUE(KVM_GET_XSAVE);
    VALUE(KVM_SET_XSAVE);
    VALUE(KVM_SIGNAL_MSI);
    VALUE(KVM_GET_XCRS);
    VALUE(KVM_SET_XCRS);
    VALUE(KVM_KVMCLOCK_CTRL);
    VALUE(KVM_CLEAR_DIRTY_LOG);
    VALUE(KVM_GET_SREGS2);
    VALUE(KVM_SET_SREGS2);
    VALUE(KVM_GET_STATS_FD);
    VALUE(KVM_GET_XSAVE2);

    VALUE(KVM_CAP_IRQCHIP);
    VALUE(KVM_CAP_HLT);
    VALUE(KVM_CAP_USER_MEMORY);
    VALUE(KVM_CAP_SET_TSS_ADDR);
    VALUE(KVM_CAP_EXT_CPUID);
    VALUE(KVM_CAP_CLOCKSOURCE);
    VALUE(KVM_CAP_NR_VCPUS);
    VALUE(KVM_CAP_NR_MEMSLOTS);
    VALUE(KVM_CAP_MP_STATE);
    VALUE(KVM_CAP_COALESCED_MMIO);
    VALUE(KVM_CAP_SYNC_MMU);
    VALUE(KVM_CAP_DESTROY_MEMORY_REGION_WORKS);
    VALUE(KVM_CAP_USER_NMI);
    VALUE(KVM_CAP_SET_GUEST_DEBUG);
    VALUE(KVM_CAP_IRQ_ROUTING);
    VALUE(KVM_CAP_IRQFD);
    VALUE(KVM_CAP_PIT2);
    VALUE(KVM_CAP_SET_BOOT_CPU_ID);
    VALUE(KVM_CAP_PIT_STATE2);
    VALUE(KVM_CAP_IOEVENTFD);
    VALUE(KVM_CAP_SET_IDENTITY_MAP_ADDR);
    VALUE(KVM_CAP_ADJUST_CLOCK);
    VALUE(KVM_CAP_INTERNAL_ERROR_DATA);
    VALUE(KVM_CAP_VCPU_EVENTS);
    VALUE(KVM_CAP_DEBUGREGS);
    VALUE(KVM_CAP_ENABLE_CAP);
    VALUE(KVM_CAP_XSAVE);
    VALUE(KVM_CAP_XCRS);
    VALUE(KVM_CAP_ASYNC_PF);
    VALUE(KVM_CAP_TSC_CONTROL);
    VALUE(KVM_CAP_GET_TSC_KHZ);
    VALUE(KVM_CAP_MAX_VCPUS);
    VALUE(KVM_CAP_TSC_DEADLINE_TIMER);
    VALUE(KVM_CAP_SYNC_REGS);
    VALUE(KVM_CAP_KVMCLOCK_CTRL);
    VALUE(KVM_CAP_SIGNAL_MSI);
    VALUE(KVM_CAP_READONLY_MEM);
    VALUE(KVM_CAP_IRQFD_RESAMPLE);
    VALUE(KVM_CAP_ENABLE_CAP_VM);
    VALUE(KVM_CAP_IOEVENTFD_NO_LENGTH);
    VALUE(KVM_CAP_CHECK_EXTENSION_VM);
    VALUE(KVM_CAP_X86_SMM);
    VALUE(KVM_CAP_SPLIT_IRQCHIP);
    VALUE(KVM_CAP_IOEVENTFD_ANY_LENGTH);
    VALUE(KVM_CAP_MAX_VCPU_ID);
    VALUE(KVM_CAP_X2APIC_API);
    VALUE(KVM_CAP_IMMEDIATE_EXIT);
    VALUE(KVM_CAP_X86_DISABLE_EXITS);
    VALUE(KVM_CAP_GET_MSR_FEATURES);
    VALUE(KVM_CAP_NESTED_STATE);
    VALUE(KVM_CAP_EXCEPTION_PAYLOAD);
    VALUE(KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
    VALUE(KVM_CAP_HALT_POLL);
    VALUE(KVM_CAP_X86_USER_SPACE_MSR);
    VALUE(KVM_CAP_X86_MSR_FILTER);
    VALUE(KVM_CAP_ENFORCE_PV_FEATURE_CPUID);
    VALUE(KVM_CAP_DIRTY_LOG_RING);
    VALUE(KVM_CAP_X86_BUS_LOCK_EXIT);
    VALUE(KVM_CAP_SREGS2);
    VALUE(KVM_CAP_EXIT_ON_EMULATION_FAILURE);
    VALUE(KVM_CAP_BINARY_STATS_FD);
    VALUE(KVM_CAP_VM_GPA_BITS);
    VALUE(KVM_CAP_XSAVE2);
    VALUE(KVM_CAP_SYSTEM_EVENT_DATA);
    VALUE(KVM_CAP_X86_TRIPLE_FAULT_EVENT);
    VALUE(KVM_CAP_X86_NOTIFY_VMEXIT);
    VALUE(KVM_EXIT_UNKNOWN);
    VALUE(KVM_EXIT_EXCEPTION);
    VALUE(KVM_EXIT_IO);
    VALUE(KVM_EXIT_HYPERCALL);
    VALUE(KVM_EXIT_DEBUG);
    VALUE(KVM_EXIT_HLT);
    VALUE(KVM_EXIT_MMIO);
    VALUE(KVM_EXIT_IRQ_WINDOW_OPEN);
    VALUE(KVM_EXIT_SHUTDOWN);
    VALUE(KVM_EXIT_FAIL_ENTRY);
    VALUE(KVM_EXIT_INTR);
    VALUE(KVM_EXIT_SET_TPR);
    VALUE(KVM_EXIT_TPR_ACCESS);
    VALUE(KVM_EXIT_NMI);
    VALUE(KVM_EXIT_INTERNAL_ERROR);
    VALUE(KVM_EXIT_SYSTEM_EVENT);
    VALUE(KVM_EXIT_IOAPIC_EOI);
    VALUE(KVM_EXIT_HYPERV);
    VALUE(KVM_EXIT_X86_RDMSR);
    VALUE(KVM_EXIT_X86_WRMSR);
    VALUE(KVM_EXIT_DIRTY_RING_FULL);
    VALUE(KVM_EXIT_AP_RESET_HOLD);
    VALUE(KVM_EXIT_X86_BUS_LOCK);
    VALUE(KVM_EXIT_XEN);
    VALUE(KVM_EXIT_NOTIFY);

    VALUE(KVM_API_VERSION);
    VALUE(KVM_MEM_LOG_DIRTY_PAGES);
    VALUE(KVM_MEM_READONLY);
    VALUE(KVM_EXIT_IO_IN);
    VALUE(KVM_EXIT_IO_OUT);
    VALUE(KVM_RUN_X86_SMM);
    VALUE(KVM_INTERNAL_ERROR_EMULATION);
    VALUE(KVM_INTERNAL_ERROR_SIMUL_EX);
    VALUE(KVM_INTERNAL_ERROR_DELIVERY_EV);
    VALUE(KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
    VALUE(KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
    VALUE(KVM_SYSTEM_EVENT_SHUTDOWN);
    VALUE(KVM_SYSTEM_EVENT_RESET);
    VALUE(KVM_SYSTEM_EVENT_CRASH);
    VALUE(KVM_BUS_LOCK_DETECTION_EXIT);
    VALUE(KVM_X86_NOTIFY_VMEXIT_ENABLED);
    VALUE(KVM_X86_NOTIFY_VMEXIT_USER);
    VALUE(KVM_NOTIFY_CONTEXT_INVALID);
    VALUE(KVM_SYSTEM_EVENT_WAKEUP);
    VALUE(KVM_SYSTEM_EVENT_SUSPEND);
    VALUE(KVM_SYSTEM_EVENT_SEV_TERM);
    VALUE(KVM_MP_STATE_RUNNABLE);
    VALUE(KVM_MP_STATE_UNINITIALIZED);
    VALUE(KVM_MP_STATE_INIT_RECEIVED);
    VALUE(KVM_MP_STATE_HALTED);
    VALUE(KVM_MP_STATE_SIPI_RECEIVED);
    VALUE(KVM_IRQCHIP_PIC_MASTER);
    VALUE(KVM_IRQCHIP_PIC_SLAVE);
    VALUE(KVM_IRQCHIP_IOAPIC);
    VALUE(KVM_IOAPIC_NUM_PINS);
    VALUE(KVM_IRQ_ROUTING_IRQCHIP);
    VALUE(KVM_IRQ_ROUTING_MSI);
    VALUE(KVM_IRQFD_FLAG_DEASSIGN);
    VALUE(KVM_IRQFD_FLAG_RESAMPLE);
    VALUE(KVM_IOEVENTFD_FLAG_DATAMATCH);
    VALUE(KVM_IOEVENTFD_FLAG_PIO);
    VALUE(KVM_IOEVENTFD_FLAG_DEASSIGN);
    VALUE(KVM_MSI_VALID_DEVID);
    VALUE(KVM_PIT_SPEAKER_DUMMY);
    VALUE(KVM_PIT_FLAGS_HPET_LEGACY);
    VALUE(KVM_PIT_FLAGS_SPEAKER_DATA_ON);
    VALUE(KVM_CLOCK_TSC_STABLE);
    VALUE(KVM_CLOCK_REALTIME);
    VALUE(KVM_CLOCK_HOST_TSC);
    VALUE(KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
    VALUE(KVM_CPUID_FLAG_STATEFUL_FUNC);
    VALUE(KVM_CPUID_FLAG_STATE_READ_NEXT);
    VALUE(KVM_SREGS2_FLAGS_PDPTRS_VALID);
    VALUE(KVM_VCPUEVENT_VALID_NMI_PENDING);
    VALUE(KVM_VCPUEVENT_VALID_SIPI_VECTOR);
    VALUE(KVM_VCPUEVENT_VALID_SHADOW);
    VALUE(KVM_VCPUEVENT_VALID_SMM);
    VALUE(KVM_VCPUEVENT_VALID_PAYLOAD);
    VALUE(KVM_VCPUEVENT_VALID_TRIPLE_FAULT);
    VALUE(KVM_X86_SHADOW_INT_MOV_SS);
    VALUE(KVM_X86_SHADOW_INT_STI);
    VALUE(KVM_GUESTDBG_ENABLE);
    VALUE(KVM_GUESTDBG_SINGLESTEP);
    VALUE(KVM_GUESTDBG_USE_SW_BP);
    VALUE(KVM_GUESTDBG_USE_HW_BP);
    VALUE(KVM_GUESTDBG_INJECT_DB);
    VALUE(KVM_GUESTDBG_INJECT_BP);
    VALUE(KVM_GUESTDBG_BLOCKIRQ);
    VALUE(KVM_SYNC_X86_REGS);
    VALUE(KVM_SYNC_X86_SREGS);
    VALUE(KVM_SYNC_X86_EVENTS);
    VALUE(KVM_X86_DISABLE_EXITS_MWAIT);
    VALUE(KVM_X86_DISABLE_EXITS_HLT);
    VALUE(KVM_X86_DISABLE_EXITS_PAUSE);
    VALUE(KVM_X86_DISABLE_EXITS_CSTATE);
    VALUE(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE);
    VALUE(KVM_DIRTY_LOG_INITIALLY_SET);
    VALUE(KVM_STATS_TYPE_MASK);
    VALUE(KVM_STATS_TYPE_CUMULATIVE);
    VALUE(KVM_STATS_TYPE_INSTANT);
    VALUE(KVM_STATS_TYPE_PEAK);
    VALUE(KVM_STATS_TYPE_LINEAR_HIST);
    VALUE(KVM_STATS_TYPE_LOG_HIST);
    VALUE(KVM_STATS_UNIT_MASK);
    VALUE(KVM_STATS_BASE_SHIFT);
    VALUE(KVM_STATS_BASE_MASK);
    VALUE(KVM_PIO_PAGE_OFFSET);
    VALUE(KVM_COALESCED_MMIO_PAGE_OFFSET);
}

int main(void)
{
    structs();
    values();
    return 0;
}
