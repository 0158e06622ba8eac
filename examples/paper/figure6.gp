# Figure 6: loss over steps in 100 dimensions. Set before: here (this folder), in, out, title.
width = 1200; height = 800
load here.'/style.gp'
set title title textcolor rgb '#202124'
set xlabel 'steps (an iteration of IFT or WFR counts as two)' textcolor rgb '#3c4043'
set ylabel 'MMD^2 to the mixture' textcolor rgb '#3c4043'
set logscale y
set xrange [0:9000]
set key top right Left reverse samplen 2 spacing 1.2
set style fill transparent solid 0.22 noborder
low(mean, deviation) = mean - deviation > mean / 10 ? mean - deviation : mean / 10
array names[4] = ['mmd-flow', 'mmd-flow-noise', 'ift', 'wfr']
array labels[4] = ['MMD flow', 'MMD flow + noise', 'IFT', 'WFR']
plot for [k = 1:4] in using 'step':(low(column(names[k].' exact mean'), column(names[k].' exact deviation'))) : \
       (column(names[k].' exact mean') + column(names[k].' exact deviation')) with filledcurves linecolor rgb color[k] notitle, \
     for [k = 1:4] in using 'step':names[k].' exact mean' with lines linewidth 2 linecolor rgb color[k] title labels[k], \
     in using 'step':'floor' with lines linewidth 1 dashtype 2 linecolor rgb '#202124' title 'as many independent samples'
